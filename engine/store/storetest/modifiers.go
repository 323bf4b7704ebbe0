package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// book is a small terminology: value sets by URL, and in one system b and c below a, d below c.
type book map[string][]store.Code

func (b book) Expand(_ context.Context, _ int32, valueSet string, _ int) ([]store.Code, error) {
	codes, known := b[valueSet]
	if !known {
		return nil, fault.New(fault.Unknown, "there is no such value set")
	}
	return codes, nil
}

func (b book) Below(_ context.Context, _ int32, c store.Code, _ int) ([]store.Code, error) {
	return b.family(c, map[string]string{"a": "a b c d", "c": "c d"})
}

func (b book) Above(_ context.Context, _ int32, c store.Code, _ int) ([]store.Code, error) {
	return b.family(c, map[string]string{"b": "b a", "c": "c a", "d": "d c a"})
}

func (b book) family(c store.Code, kin map[string]string) (out []store.Code, err error) {
	if c.System != "s" {
		return nil, fault.New(fault.Unknown, "there is no such code system")
	}
	for _, code := range strings.Fields(kin[c.Code]) {
		out = append(out, store.Code{System: "s", Code: code})
	}
	if out == nil {
		out = []store.Code{c}
	}
	return out, nil
}

// modifiers: what a parameter's modifiers ask for, those of the terminology included.
func modifiers(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	_, err := Page(t.ctx, t.desk, "Condition", "code:in=http://x/ab", "")
	t.want(fault.Invalid, err)
	many := []store.Code{{System: "s", Code: "d"}}
	for i := range 500 {
		many = append(many, store.Code{System: "s", Code: fmt.Sprintf("n%d", i)})
	}
	t.store.JoinTerms(book{"http://x/ab": {{System: "s", Code: "a"}, {System: "s", Code: "b"}, {System: "r", Code: "d"}}, "http://x/many": many, "http://x/none": nil,
		"http://x/all":  {{System: "s"}, {System: "r", Code: "d"}},
		"http://x/huge": make([]store.Code, 30_000)})
	t.put(`{"resourceType":"Patient","id":"p"}`)
	for id, code := range map[string]string{"a": "s a", "b": "s b", "c": "s c", "d": "s d", "e": "r d", "f": "- a"} {
		system, code, _ := strings.Cut(code, " ")
		coding := fmt.Sprintf(`{"system":%q,"code":%q}`, system, code)
		if system == "-" {
			coding = fmt.Sprintf(`{"code":%q}`, code)
		}
		t.put(`{"resourceType":"Condition","id":"%s","subject":{"reference":"Patient/p"},"code":{"coding":[%s]}}`, id, coding)
	}
	t.put(`{"resourceType":"Condition","id":"z","subject":{"reference":"Patient/p"}}`)
	t.put(`{"resourceType":"Patient","id":"q","identifier":[{"type":{"coding":[{"system":"t","code":"MR"}]},"system":"x","value":"7"},{"type":{"coding":[{"code":"SS"}]},"value":"8"}],
		"name":[{"family":"Ångström-Ñandú"}]}`)
	for _, u := range []string{"http://x/a", "http://x/a/b", "http://x/a/b/c", "http://x/ab", "urn:oid:1.2"} {
		t.put(`{"resourceType":"ValueSet","id":"v%d","status":"active","url":"%s"}`, len(u), u)
	}
	for _, c := range []struct{ query, want string }{
		{"Condition?code:in=http://x/ab", "a b e"},
		{"Condition?code:not-in=http://x/ab", "c d f z"},
		{"Condition?code:in=http://x/many", "d"},
		{"Condition?code:in=http://x/many,http://x/ab", "a b d e"},
		{"Condition?code:not-in=http://x/many", "a b c e f z"},
		{"Condition?code:in=http://x/none", ""},
		{"Condition?code:not-in=http://x/none", "a b c d e f z"},
		{"Condition?code:in=http://x/all", "a b c d e"},
		{"Condition?code:not-in=http://x/all", "f z"},
		{"Condition?code:below=s|a", "a b c d"},
		{"Condition?code:below=s|c,s|b", "b c d"},
		{"Condition?code:above=s|d", "a c d"},
		{"Condition?_filter=code ss s|c or code sb s|b", "a b c d"},
		{"Condition?_filter=code in http://x/ab and code ni http://x/many", "a b e"},
		{"Patient?_has:Condition:patient:code:in=http://x/many", "p"},
		{"Patient?_has:Condition:patient:code:below=s|c", "p"},
		{"Patient?identifier:of-type=t|MR|7", "q"},
		{"Patient?identifier:of-type=|SS|8", "q"},
		{"Patient?identifier:of-type=t|MR|8", ""},
		{"Patient?name=angstrom", "q"},
		{"Patient?name=ÅNGSTRÖM-NANDU", "q"},
		{"Patient?name:exact=Ångström-Ñandú", "q"},
		{"Patient?name:exact=Angström-Ñandú", ""},
		{"Patient?name:contains=STRÖM-ñ", "q"},
		{"ValueSet?url:below=http://x/a", "v10 v12 v14"},
		{"ValueSet?url:below=http://x/a/", "v12 v14"},
		{"ValueSet?url:above=http://x/a/b/c", "v10 v12 v14"},
		{"ValueSet?url:above=http://x/a/b", "v10 v12"},
		{"ValueSet?url:above=http://x/abc", ""},
		{"ValueSet?url:above=urn:oid:1.2", "v11"},
		{"ValueSet?_filter=url co a/b", "v12 v14"},
		{"ValueSet?_filter=url sw http://x/a", "v10 v12 v14"},
		{"ValueSet?_filter=url ew b", "v12"},
		{"ValueSet?_filter=url ne http://x/a", "v11 v12 v14"},
	} {
		typ, query, _ := strings.Cut(c.query, "?")
		if got := strings.Join(t.search(typ, escaped(query)+"&_sort=_id"), " "); got != c.want {
			t.Errorf("%s found %s, want %s", c.query, got, c.want)
		}
	}
	for query, kind := range map[string]fault.Kind{"code:in=http://x/missing": fault.Invalid, "code:below=a": fault.Invalid, "code:above=q|a": fault.Invalid,
		"code:in=http://x/huge": fault.TooCostly, "patient:below=p": fault.Invalid} {
		_, err := Page(t.ctx, t.desk, "Condition", query, "")
		t.want(kind, err)
	}
}
