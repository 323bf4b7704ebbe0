package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// hostile: whatever is asked is answered or refused with a fault of the asker, soon.
func hostile(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	var entries []string
	for i := range 400 {
		entries = append(entries,
			entry("", "PUT", fmt.Sprintf("Patient/p%d", i), fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","active":true,"link":[{"type":"seealso","other":{"reference":"Patient/p%d"}}],"generalPractitioner":[{"reference":"Organization/o%d"}]}`, i, (i+1)%400, i%20)),
			entry("", "PUT", fmt.Sprintf("Organization/o%d", i), fmt.Sprintf(`{"resourceType":"Organization","id":"o%d","name":"n","partOf":{"reference":"Organization/o%d"}}`, i, (i+1)%400)))
	}
	Post(t, t.desk, entries)
	many := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+"&", n), "&") }
	for _, query := range []string{
		"Patient?" + many("general-practitioner.name=n", 60),
		"Patient?" + many("general-practitioner.name=n", 190),
		"Patient?" + strings.Repeat("link:Patient.", 8) + "active=true",
		"Patient?" + strings.Repeat("_has:Patient:link:", 8) + "active=true",
		"Patient?link:Patient._has:Patient:link:link:Patient._has:Patient:link:link:Patient._has:Patient:link:active=true&_total=accurate",
		"Patient?" + strings.Repeat("link:Patient.", 8) + "active:not=false&_total=accurate",
		"Organization?" + strings.Repeat("partof.", 8) + "name=n&_sort=" + strings.Repeat("partof.", 8) + "name",
		"Organization?partof:below=o1",
		"Organization?partof:above=o1",
		"Patient?_filter=" + strings.Repeat("(", 20) + "active eq true" + strings.Repeat(")", 20),
		"Patient?_filter=" + strings.Repeat("not(", 20) + "active eq true" + strings.Repeat(")", 20),
		"Patient?_filter=active eq true" + strings.Repeat(" or general-practitioner.name eq n", 90),
		"Patient?_text=" + strings.Repeat("a ", 50),
		"Provenance?target.target.target.target.target.target.target.target._id=1",
		"Patient?_id=" + strings.Repeat("x,", 999) + "p1&" + many("active=true", 190),
		"Patient?_sort=active,active,active,active,active,active,active,active&_count=1000",
		"Patient?name=" + strings.Repeat("%25", 2000),
	} {
		typ, q, _ := strings.Cut(query, "?")
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.ctx, 20*time.Second)
		_, err := Page(ctx, t.desk, typ, strings.ReplaceAll(q, " ", "%20"), "")
		if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooCostly) && !fault.Is(err, fault.TimedOut) {
			t.Errorf("%.100s: %v", query, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%.100s took %s", query, took)
		}
		cancel()
	}
}
