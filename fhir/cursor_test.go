package fhir

import (
	"slices"
	"testing"
)

func TestCursor(t *testing.T) {
	for text, want := range map[string][]string{
		`[1,[2,3],{"a":4},5]`: {"1", "[2,3]", `{"a":4}`, "5"},
		`{"a":1,"b":{"c":2}}`: {"1", `{"c":2}`},
		`[]`:                  nil,
		`"no items"`:          nil,
		`[[],{}]`:             {"[]", "{}"},
	} {
		v, err := ParseValue([]byte(text), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		c := v.Cursor()
		for item := c.Next(); item.Exists(); item = c.Next() {
			got = append(got, string(item.Raw()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
	if c := (Value{}).Cursor(); c.Next().Exists() {
		t.Error("an absent value has an item")
	}
}
