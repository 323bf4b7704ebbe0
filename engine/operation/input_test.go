package operation

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

var sample = Operation{
	Code: "sample", Definition: "x", On: OnType, Types: []string{"Patient"},
	In: []Param{
		{Name: "url", Type: "uri"}, {Name: "n", Type: "integer"}, {Name: "positive", Type: "positiveInt"}, {Name: "flag", Type: "boolean"},
		{Name: "coding", Type: "Coding"}, {Name: "many", Type: "code", Many: true}, {Name: "resource", Type: "Resource"},
		{Name: "any", Type: "*"}, {Name: "parts"},
	},
}

// TestPairs: what an URL can say, and what it cannot.
func TestPairs(t *testing.T) {
	for query, want := range map[string]string{
		"":                  "",
		"url=http://x":      "url=http://x",
		"n=-5":              "n=-5",
		"n=2147483647":      "n=2147483647",
		"n=2147483648":      "must be of type integer",
		"n=05":              "must be of type integer",
		"n=1.5":             "must be of type integer",
		"n=":                "has no value",
		"positive=0":        "must be of type positiveInt",
		"positive=7":        "positive=7",
		"flag=true":         "flag=true",
		"flag=yes":          "must be of type boolean",
		"coding=http://s|c": `coding={"system":"http://s","code":"c"}`,
		"coding=c":          `coding={"code":"c"}`,
		"many=a&many=b":     "many=a many=b",
		"url=a&url=b":       "may be given only once",
		"resource=x":        "send Parameters with POST",
		"parts=x":           "send Parameters with POST",
		"any=x":             "any=x",
		"other=1":           "it takes url, n, positive, flag",
	} {
		pairs, err := search.ParseQueryString(query)
		if err != nil {
			t.Fatal(err)
		}
		in, _, err := sample.Read(pairs, fhir.Resource{})
		check(t, query, in, err, want)
		if f := fault.Find(err); f != nil && !strings.HasPrefix(f.Issues[0].Expression, "http.") {
			t.Errorf("%s: the place is %s, and no body was sent", query, f.Issues[0].Expression)
		}
	}
}

func check(t *testing.T, what string, in Input, err error, want string) {
	t.Helper()
	if err != nil {
		f := fault.Find(err)
		if f == nil || f.Kind != fault.Invalid || !strings.Contains(f.Text, want) || want == "" || len(f.Issues) == 0 || f.Issues[0].Expression == "" {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
		return
	}
	var got []string
	for _, p := range sample.In {
		for _, text := range in.Texts(p.Name) {
			if text != "" {
				got = append(got, p.Name+"="+text)
			}
		}
		if r := in.Resource(p.Name); r.Exists() {
			got = append(got, p.Name+" is "+r.Type())
		}
	}
	if got := strings.Join(got, " "); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// TestBodies: Parameters, or the resource itself.
func TestBodies(t *testing.T) {
	for body, want := range map[string]string{
		`{"resourceType":"Parameters"}`: "",
		`{"resourceType":"Patient"}`:    "resource is Patient",
		`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient"}}]}`:       "resource is Patient",
		`{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"a"}]}`:                                   "url=a",
		`{"resourceType":"Parameters","parameter":[{"name":"url","valueString":"a"}]}`:                                "url=a",
		`{"resourceType":"Parameters","parameter":[{"name":"url","valueInteger":1}]}`:                                 "must be of type uri",
		`{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":""}]}`:                                    "must be of type uri",
		`{"resourceType":"Parameters","parameter":[{"name":"n","valueString":"1"}]}`:                                  "must be of type integer",
		`{"resourceType":"Parameters","parameter":[{"name":"coding","valueString":"1"}]}`:                             "must be of type Coding",
		`{"resourceType":"Parameters","parameter":[{"name":"coding","valueCodeableConcept":{"text":"x"}}]}`:           "must be of type Coding",
		`{"resourceType":"Parameters","parameter":[{"name":"resource","valueString":"1"}]}`:                           "must be a resource",
		`{"resourceType":"Parameters","parameter":[{"name":"parts","valueString":"1"}]}`:                              "must have parts",
		`{"resourceType":"Parameters","parameter":[{"name":"parts","part":[{"name":"x","valueString":"1"}]}]}`:        "",
		`{"resourceType":"Parameters","parameter":[{"name":"any"}]}`:                                                  "must have a value",
		`{"resourceType":"Parameters","parameter":[{"valueString":"1"}]}`:                                             "must have a name",
		`{"resourceType":"Parameters","parameter":[{"name":"other","valueString":"1"}]}`:                              "has no parameter other",
		`{"resourceType":"Parameters","parameter":[1]}`:                                                               "must have a name",
		`{"resourceType":"Parameters","parameter":[{"name":"many","valueCode":"a"},{"name":"many","valueCode":"b"}]}`: "many=a many=b",
	} {
		r, err := fhir.Parse([]byte(body), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		in, _, err := sample.Read(nil, r)
		check(t, body, in, err, want)
	}
}

// TestBoth: a resource in the body, simple parameters in the URL; search parameters only where they are taken.
func TestBoth(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"1"}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	pairs := []search.Pair{{Name: "url", Value: "a"}, {Name: "code", Value: "x"}}
	if _, _, err := sample.Read(pairs, r); !fault.Is(err, fault.Invalid) {
		t.Errorf("a search parameter was taken: %v", err)
	}
	searching := sample
	searching.Searches = true
	in, rest, err := searching.Read(pairs, r)
	if err != nil || in.Text("url") != "a" || in.Resource("resource").ID() != "1" || !in.Has("resource") || len(rest) != 1 || rest[0] != pairs[1] {
		t.Errorf("%v %v %v", in, rest, err)
	}
	bare := Operation{Code: "bare", In: []Param{{Name: "url", Type: "uri", Required: true}}}
	if _, _, err := bare.Read(nil, r); !fault.Is(err, fault.Invalid) {
		t.Errorf("a resource was taken that is not asked for: %v", err)
	}
	if _, _, err := bare.Read(nil, fhir.Resource{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("what is needed was missing: %v", err)
	}
}

// FuzzRead: any Parameters and any query are read or refused.
func FuzzRead(f *testing.F) {
	f.Add("url=a&n=1", `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"a"}]}`)
	f.Add("coding=a|b", `{"resourceType":"Patient"}`)
	f.Fuzz(func(t *testing.T, query, body string) {
		pairs, err := search.ParseQueryString(query)
		if err != nil {
			return
		}
		r, err := fhir.Parse([]byte(body), fhir.Limits{})
		if err != nil {
			r = fhir.Resource{}
		}
		in, _, err := sample.Read(pairs, r)
		if err != nil && fault.Find(err) == nil {
			t.Fatal(err)
		}
		Pairs(r)
		for _, p := range sample.In {
			in.Texts(p.Name)
			in.Resource(p.Name)
		}
	})
}
