package storetest

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// refusals: what would find too much or nothing by mistake is refused.
func refusals(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"a","name":[{"family":"Made Up"}]}`)
	long := strings.Repeat("x", 257)
	for _, query := range []string{
		"name=%20", "name=%CC%81", "name:contains=%20", "name=" + long, "name:contains=" + long, "gender:text=%20",
		"_id=http://x|a", "_id=|a", "_id:text=a", "_id:in=http://x", "_id:above=a",
	} {
		_, err := Page(t.ctx, t.desk, "Patient", query, "")
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40s: %v", query, err)
		}
	}
	_, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient"}`), store.IfNoneExist("name=%20"))
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a condition that finds everybody: %v", err)
	}
	page, err := Page(t.ctx, t.desk, "Patient", "name:exact="+long, "")
	if err != nil || len(page.Entries) != 0 {
		t.Errorf("an exact string of any length: %d, %v", len(page.Entries), err)
	}

	t.put(`{"resourceType":"ValueSet","id":"v","url":"http://x/a","status":"draft"}`)
	path := strings.Repeat("/a", 50)
	if page, err = Page(t.ctx, t.desk, "ValueSet", "url:above=http://x"+path, ""); err != nil || len(page.Entries) != 1 {
		t.Errorf("what a long path lies under: %d, %v", len(page.Entries), err)
	}
	if _, err = Page(t.ctx, t.desk, "ValueSet", "url:above=http://x/a"+path, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("a part of what a longer path lies under: %v", err)
	}
}
