package terms

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/term"
	"github.com/ficushealth/ficus/suites"
)

func TestCodeLists(t *testing.T) {
	for text, want := range map[string]string{
		"A one\nB  two words \n\nC\tthree\n": `"concept":[{"code":"A","display":"one"},{"code":"B","display":"two words"},{"code":"C","display":"three"}]`,
		orderLine("A00", 0, "Cholera") + orderLine("A000", 1, "Classical") + orderLine("B00", 1, "Herpes"): `"concept":[{"code":"A00","display":"Cholera","concept":[{"code":"A00.0","display":"Classical"}]},{"code":"B00","display":"Herpes"}]`,
		"A": "invalid",
	} {
		r, err := ReadCodeList(strings.NewReader(text), int64(len(text)), CodeList{URL: "http://x", Name: "X"})
		got := string(r.Raw())
		if err != nil {
			got = fault.Of(err).String()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func orderLine(code string, leaf int, name string) string {
	return fmt.Sprintf("%05d %-7s %d %-60s %s\n", 1, code, leaf, name, name)
}

// The order file of ICD-10-CM holds 94,444 lines; the codes file, which was made apart, has 71,932 codes that can be used.
func TestSuiteICD10CM(t *testing.T) {
	f, err := os.Open(suites.Path(t, "terminology-open", "2019-ICD-10-CM-Code-Descriptions.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r, err := ReadCodeList(f, info.Size(), CodeList{URL: "http://hl7.org/fhir/sid/icd-10-cm", Name: "ICD10CM"})
	if err != nil {
		t.Fatal(err)
	}
	cs, err := term.ReadCodeSystem(r)
	if err != nil || time.Since(start) > 20*time.Second {
		t.Fatal(err, time.Since(start))
	}
	leaves := 0
	for c := range cs.All() {
		if len(cs.Children(c.Code)) == 0 {
			leaves++
		}
	}
	if leaves != 71_932 || !cs.Subsumes("A00", "A00.1") || cs.Subsumes("A00", "A01.0") {
		t.Errorf("%d codes, %d of them leaves", cs.Len(), leaves)
	}
	if c := cs.Find("A00"); c == nil || c.Display != "Cholera" {
		t.Error(c)
	}
}

func FuzzCodeList(f *testing.F) {
	f.Add([]byte("A one\nB two\n"))
	f.Add([]byte(orderLine("A00", 0, "Cholera") + orderLine("A000", 1, "Classical")))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadCodeList(bytes.NewReader(text), int64(len(text)), CodeList{URL: "http://x", Name: "X"})
		if err != nil && fault.Find(err) == nil {
			t.Errorf("not a fault: %v", err)
		}
		if err == nil && r.Type() != "CodeSystem" {
			t.Error(r.Type())
		}
	})
}
