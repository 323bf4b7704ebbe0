package term

import (
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// shelf is a library of the texts of a test.
type shelf struct {
	systems map[string]*CodeSystem
	sets    map[string]*ValueSet
}

func (s shelf) CodeSystem(url string) (*CodeSystem, error) {
	url, _, _ = strings.Cut(url, "|")
	return s.systems[url], nil
}
func (s shelf) ValueSet(url string) (*ValueSet, error) { return s.sets[url], nil }

func resource(t testing.TB, text string) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(text), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const animals = `{"resourceType":"CodeSystem","url":"http://a","version":"1","status":"active","content":"complete","caseSensitive":true,
"property":[{"code":"legs","type":"integer"}],
"concept":[{"code":"animal","display":"Animal","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
 {"code":"mammal","display":"Mammal","concept":[
   {"code":"dog","display":"Dog","property":[{"code":"legs","valueInteger":4}],"designation":[{"language":"de","value":"Hund"}]},
   {"code":"bat","display":"Bat","property":[{"code":"legs","valueInteger":2},{"code":"parent","valueCode":"flyer"}]}]},
 {"code":"bird","display":"Bird","property":[{"code":"legs","valueInteger":2},{"code":"parent","valueCode":"flyer"}]},
 {"code":"dodo","display":"Dodo","property":[{"code":"inactive","valueBoolean":true}]}]},
 {"code":"flyer","display":"What flies"}]}`

func zoo(t testing.TB, sets ...string) shelf {
	cs, err := ReadCodeSystem(resource(t, animals))
	if err != nil {
		t.Fatal(err)
	}
	s := shelf{map[string]*CodeSystem{"http://a": cs}, map[string]*ValueSet{}}
	for i, text := range sets {
		vs, err := ReadValueSet(resource(t, `{"resourceType":"ValueSet","url":"http://v`+string(rune('0'+i))+`","compose":`+text+`}`))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		s.sets[vs.URL] = vs
	}
	return s
}

func TestRelations(t *testing.T) {
	cs := zoo(t).systems["http://a"]
	for pair, want := range map[[2]string]Relation{
		{"animal", "dog"}: Subsuming, {"dog", "animal"}: SubsumedBy, {"dog", "dog"}: Equivalent, {"dog", "bird"}: NotSubsumed,
		{"flyer", "bat"}: Subsuming, {"bird", "flyer"}: SubsumedBy, {"mammal", "bird"}: NotSubsumed,
	} {
		if got, ok := cs.Relate(pair[0], pair[1]); !ok || got != want {
			t.Errorf("%v: %s", pair, got)
		}
	}
	if _, ok := cs.Relate("dog", "cat"); ok {
		t.Error("there is no cat")
	}
	if got := cs.Children("flyer"); !slices.Equal(got, []string{"bat", "bird"}) {
		t.Error(got)
	}
}

func TestExpandAndContains(t *testing.T) {
	for compose, want := range map[string]string{
		`{"include":[{"system":"http://a"}]}`:                                                                                                                                 "animal mammal dog bat bird dodo flyer",
		`{"inactive":false,"include":[{"system":"http://a"}]}`:                                                                                                                "animal mammal dog bat bird flyer",
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-a","value":"mammal"}]}]}`:                                                                  "mammal dog bat",
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"descendent-of","value":"mammal"}]}]}`:                                                         "dog bat",
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-not-a","value":"animal"}]}]}`:                                                              "flyer",
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"generalizes","value":"bat"}]}]}`:                                                              "animal mammal bat flyer",
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-a","value":"flyer"}]}]}`:                                                                   "bat bird flyer",
		`{"include":[{"system":"http://a","filter":[{"property":"legs","op":"=","value":"2"}]}]}`:                                                                             "bat bird",
		`{"include":[{"system":"http://a","filter":[{"property":"legs","op":"exists","value":"true"}]}]}`:                                                                     "dog bat bird",
		`{"include":[{"system":"http://a","filter":[{"property":"inactive","op":"exists","value":"true"}]}]}`:                                                                 "dodo",
		`{"include":[{"system":"http://a","filter":[{"property":"definition","op":"exists","value":"true"}]}]}`:                                                               "",
		`{"include":[{"system":"http://a","filter":[{"property":"legs","op":"in","value":"4, 6"}]}]}`:                                                                         "dog",
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"not-in","value":"animal,mammal,flyer"}]}]}`:                                                   "dog bat bird dodo",
		`{"include":[{"system":"http://a","filter":[{"property":"code","op":"regex","value":"b.*"}]}]}`:                                                                       "bat bird",
		`{"include":[{"system":"http://a","filter":[{"property":"legs","op":"=","value":"2"},{"property":"concept","op":"is-a","value":"mammal"}]}]}`:                         "bat",
		`{"include":[{"system":"http://a","concept":[{"code":"dog"},{"code":"bat","display":"Flying mouse"}]}],"exclude":[{"system":"http://a","concept":[{"code":"bat"}]}]}`: "dog",
		`{"include":[{"system":"http://a","concept":[{"code":"dog"},{"code":"zzz"}]}]}`:                                                                                       "dog",
		`{"include":[{"valueSet":["http://v1"]}]}`:                                                                                                                            "mammal dog bat",
		`{"include":[{"system":"http://a","concept":[{"code":"dog"},{"code":"bird"}],"valueSet":["http://v1"]}]}`:                                                             "dog",
		`{"include":[{"valueSet":["http://v1","http://v2"]}]}`:                                                                                                                "bat",
		`{"include":[{"valueSet":["http://v1"]},{"valueSet":["http://v2"]}]}`:                                                                                                 "mammal dog bat bird flyer",
	} {
		lib := zoo(t, compose, `{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-a","value":"mammal"}]}]}`,
			`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-a","value":"flyer"}]}]}`)
		x, err := Expand(lib, lib.sets["http://v0"], Ask{Count: -1})
		var got []string
		for _, e := range x.Entries {
			got = append(got, e.Code)
		}
		if err != nil || strings.Join(got, " ") != want || x.Total != len(got) {
			t.Errorf("%s: %v %v, want %s", compose, got, err, want)
		}
		for i := range lib.systems["http://a"].concepts {
			c := lib.systems["http://a"].concepts[i]
			a, err := Contains(lib, lib.sets["http://v0"], Coding{System: "http://a", Code: c.Code})
			if in := slices.Contains(strings.Fields(want), c.Code); err != nil || a.In != verdict(in) {
				t.Errorf("%s of %s: %v %v", c.Code, compose, a.In, err)
			}
		}
		if a, err := Contains(lib, lib.sets["http://v0"], Coding{System: "http://a", Code: "zzz"}); err != nil || a.In != No || !a.NotInCS {
			t.Errorf("a code that there is not, of %s: %+v %v", compose, a, err)
		}
	}
}

func TestPagesAndFilters(t *testing.T) {
	lib := zoo(t, `{"include":[{"system":"http://a"}]}`)
	for name, c := range map[string]struct {
		ask   Ask
		want  string
		total int
	}{
		"page":        {Ask{Offset: 2, Count: 2}, "dog bat", 7},
		"behind":      {Ask{Offset: 9, Count: 2}, "", 7},
		"none":        {Ask{Count: 0}, "", 7},
		"word":        {Ask{Filter: "fl", Count: -1}, "flyer", 1},
		"second word": {Ask{Filter: "FLIES what", Count: -1}, "flyer", 1},
		"inside":      {Ask{Filter: "og", Count: -1}, "", 0},
		"translated":  {Ask{Filter: "hun", Language: "de", Count: -1}, "dog", 1},
		"active":      {Ask{ActiveOnly: true, Count: -1}, "animal mammal dog bat bird flyer", 6},
	} {
		x, err := Expand(lib, lib.sets["http://v0"], c.ask)
		var got []string
		for _, e := range x.Entries {
			got = append(got, e.Code)
		}
		if err != nil || strings.Join(got, " ") != c.want || x.Total != c.total {
			t.Errorf("%s: %v of %d, %v", name, got, x.Total, err)
		}
	}
	x, err := Expand(lib, lib.sets["http://v0"], Ask{Language: "de-AT", Filter: "dog", Count: -1})
	if err != nil || x.Entries[0].Display != "Hund" {
		t.Errorf("%+v %v", x, err)
	}
	if _, err := Expand(lib, lib.sets["http://v0"], Ask{Count: -1, Most: 3}); !fault.Is(err, fault.TooCostly) {
		t.Error(err)
	}
}

func TestWhatIsNotThereIsUnknown(t *testing.T) {
	lib := zoo(t, `{"include":[{"system":"http://b"},{"system":"http://c","concept":[{"code":"y"}]},{"system":"http://a","concept":[{"code":"dog"}]}]}`, `{"include":[{"valueSet":["http://gone"]}]}`)
	for c, want := range map[Coding]Verdict{
		{System: "http://a", Code: "dog"}: Yes, {System: "http://a", Code: "bat"}: No, {System: "http://b", Code: "x"}: Unknown, {System: "http://c", Code: "x"}: No, {System: "http://c", Code: "y"}: Yes,
	} {
		if a, err := Contains(lib, lib.sets["http://v0"], c); err != nil || a.In != want {
			t.Errorf("%v: %v %v", c, a, err)
		}
	}
	a, err := Contains(lib, lib.sets["http://v1"], Coding{System: "http://a", Code: "dog"})
	if err != nil || a.In != Unknown || !slices.Equal(a.Missing, []string{"http://gone"}) {
		t.Errorf("%+v %v", a, err)
	}
	if a := (Answer{Missing: []string{"http://gone", "http://lost"}}); a.Why(lib).Text != "http://gone, http://lost are not loaded" {
		t.Error(a.Why(lib))
	}
	for _, url := range []string{"http://v0", "http://v1"} {
		if _, err := Expand(lib, lib.sets[url], Ask{Count: -1}); !fault.Is(err, fault.Unprocessable) {
			t.Error(url, err)
		}
	}
}

func TestFiltersByWhatIsNotThereAreRefused(t *testing.T) {
	for filter, code := range map[string]string{
		`{"property":"zzz","op":"=","value":"1"}`: "not-supported", `{"property":"zzz","op":"exists","value":"true"}`: "not-supported",
		`{"property":"concept","op":"is-a","value":"NOPE"}`: "code-invalid", `{"property":"concept","op":"generalizes","value":"NOPE"}`: "code-invalid",
	} {
		lib := zoo(t, `{"include":[{"system":"http://a","filter":[`+filter+`]}]}`)
		_, err := Expand(lib, lib.sets["http://v0"], Ask{Count: -1})
		if f := fault.Find(err); f == nil || f.Kind != fault.Unprocessable || len(f.Issues) != 1 || f.Issues[0].Code != code {
			t.Errorf("%s: %v", filter, err)
		}
		a, err := Contains(lib, lib.sets["http://v0"], Coding{System: "http://a", Code: "dog"})
		if err != nil || a.In != Unknown || a.Why(lib).Code != code {
			t.Errorf("whether %s takes a code: %+v %v", filter, a, err)
		}
	}
	lib := zoo(t, `{"include":[{"system":"http://a","filter":[{"property":"zzz","op":"=","value":"1"},{"property":"legs","op":"=","value":"2"}]}]}`)
	if a, err := Contains(lib, lib.sets["http://v0"], Coding{System: "http://a", Code: "dog"}); err != nil || a.In != No {
		t.Errorf("another filter leaves it out: %+v %v", a, err)
	}
}

// TestAPartOfASystemKnowsNoStrangers: what stands between two concepts may be in the part that is not there.
func TestAPartOfASystemKnowsNoStrangers(t *testing.T) {
	lib := zoo(t, `{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-a","value":"mammal"}]}]}`,
		`{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-not-a","value":"mammal"}]}]}`, `{"include":[{"system":"http://a","filter":[{"property":"legs","op":"=","value":"2"}]}]}`,
		`{"include":[{"system":"http://a","concept":[{"code":"dog"}]}]}`)
	lib.systems["http://a"].Content = "fragment"
	for url, want := range map[string]map[string]Verdict{
		"http://v0": {"dog": Yes, "bird": Unknown, "zzz": Unknown}, "http://v1": {"dog": No, "bird": Unknown}, "http://v2": {"dog": No, "bird": Yes}, "http://v3": {"dog": Yes, "bird": No},
	} {
		for code, want := range want {
			a, err := Contains(lib, lib.sets[url], Coding{System: "http://a", Code: code})
			if err != nil || a.In != want || want == Unknown && a.Why(lib).Text != "only a part of http://a is loaded (its content is fragment)" && a.Why(lib).Text != "only a part of http://a|1 is loaded (its content is fragment)" {
				t.Errorf("%s in %s: %+v %v", code, url, a, err)
			}
		}
		x, err := Expand(lib, lib.sets[url], Ask{Count: -1})
		if err != nil || slices.Equal(x.Parts, []string{"http://a|1"}) == (url == "http://v3") {
			t.Errorf("%s is of a part: %+v %v", url, x, err)
		}
	}
}

func TestCirclesAreRefused(t *testing.T) {
	lib := zoo(t, `{"include":[{"valueSet":["http://v1"]}]}`, `{"include":[{"valueSet":["http://v0"]}]}`)
	if _, err := Contains(lib, lib.sets["http://v0"], Coding{Code: "dog"}); !fault.Is(err, fault.Unprocessable) {
		t.Error(err)
	}
	if _, err := Expand(lib, lib.sets["http://v0"], Ask{Count: -1}); !fault.Is(err, fault.Unprocessable) {
		t.Error(err)
	}
}

func TestCase(t *testing.T) {
	folded, err := ReadCodeSystem(resource(t, strings.Replace(animals, `"caseSensitive":true`, `"caseSensitive":false`, 1)))
	if err != nil || folded.Find("DOG") == nil || !folded.Subsumes("Animal", "DoG") {
		t.Error(err)
	}
	if zoo(t).systems["http://a"].Find("DOG") != nil {
		t.Error("case counts")
	}
	if _, err := ReadCodeSystem(resource(t, `{"resourceType":"CodeSystem","caseSensitive":false,"concept":[{"code":"a"},{"code":"A"}]}`)); err == nil {
		t.Error("a code stands twice")
	}
}

func TestGrammars(t *testing.T) {
	for system, codes := range map[string][2]string{
		"http://unitsofmeasure.org": {"mg/dL mm[Hg] 10*3/uL", "mgg/dL per_day"},
		"urn:ietf:bcp:13":           {"application/pdf text/plain;charset=utf-8 image/svg+xml text application/x;c=http://a/b#c", "a/b/c tex@t text/ .a/b text/-x a/b;c " + strings.Repeat("x", 128)},
		"urn:ietf:bcp:47":           {"en de-AT zh-Hans-CN x-klingon", "e 12 en_US -de"},
	} {
		for i, want := range []bool{true, false} {
			for code := range strings.FieldsSeq(codes[i]) {
				if got, known := Grammatical(system, code); !known || got != want {
					t.Errorf("%s %s: %v", system, code, got)
				}
			}
		}
	}
}

// The expansions that HL7 publishes are an independent count of what the value sets of R4 hold.
func TestTheSetsOfR4AsPublished(t *testing.T) {
	checked := 0
	for url := range r4.Canonicals("ValueSet") {
		codes, complete := r4.ValueSetCodes(url)
		vs, err := Base().ValueSet(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if !complete || err != nil {
			continue
		}
		checked++
		for _, c := range codes {
			if a, err := Contains(Base(), vs, Coding{System: c.System, Code: c.Code}); err != nil || a.In != Yes {
				t.Errorf("%s: %v: %v %v", url, c, a, err)
			}
		}
		x, err := Expand(Base(), vs, Ask{Count: -1, ExcludeSelection: true})
		if err != nil || len(x.Entries) != len(codes) {
			t.Errorf("%s: %d codes, published %d (%v)", url, len(x.Entries), len(codes), err)
		}
	}
	if checked < 200 {
		t.Errorf("only %d value sets", checked)
	}
	for url := range r4.Canonicals("CodeSystem") {
		if _, err := Base().CodeSystem(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// R4 names another version of a code system than it publishes in one of its value sets: what it publishes is meant.
func TestVersionsOfR4(t *testing.T) {
	for url, want := range map[string]bool{
		"http://hl7.org/fhir/ValueSet/administrative-gender": true, "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1": true,
		"http://hl7.org/fhir/ValueSet/administrative-gender|9": false, "http://hl7.org/fhir/ValueSet/none": false,
	} {
		if vs, err := Base().ValueSet(url); err != nil || (vs != nil) != want {
			t.Errorf("%s: %v %v", url, vs, err)
		}
	}
	for url, want := range map[string]bool{
		"http://hl7.org/fhir/administrative-gender|4.0.1": true, "http://hl7.org/fhir/administrative-gender|4": false,
		"http://terminology.hl7.org/CodeSystem/v2-0360|2.7": true, "http://terminology.hl7.org/CodeSystem/v2-0360|9": false,
	} {
		if cs, err := Base().CodeSystem(url); err != nil || (cs != nil) != want {
			t.Errorf("%s: %v %v", url, cs, err)
		}
	}
	vs, err := Base().ValueSet("http://hl7.org/fhir/ValueSet/task-code")
	if err != nil {
		t.Fatal(err)
	}
	if x, err := Expand(Base(), vs, Ask{Count: -1}); err != nil || x.Total != 7 {
		t.Error(x.Total, err)
	}
}

func TestTranslate(t *testing.T) {
	m := ReadConceptMap(resource(t, `{"resourceType":"ConceptMap","url":"http://m","group":[{"source":"http://a","target":"http://b",
	"element":[{"code":"dog","target":[{"code":"D","equivalence":"equivalent"},{"code":"M","equivalence":"wider","product":[{"property":"p","value":"q"}]}]},{"code":"bat"}],
	"unmapped":{"mode":"fixed","code":"X"}}]}`))
	got, _ := m.Translate(Coding{System: "http://a", Code: "dog"}, "", false)
	if len(got) != 2 || got[0].Code != "D" || got[1].Equivalence != "wider" || got[1].Product[0].Value != "q" || got[0].System != "http://b" {
		t.Errorf("%+v", got)
	}
	if got, _ := m.Translate(Coding{System: "http://a", Code: "cow"}, "http://b", false); len(got) != 1 || got[0].Code != "X" {
		t.Errorf("%+v", got)
	}
	if got, _ := m.Translate(Coding{System: "http://a", Code: "bat"}, "", false); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got, _ := m.Translate(Coding{System: "http://b", Code: "M"}, "", true); len(got) != 1 || got[0].Code != "dog" || got[0].Equivalence != "narrower" {
		t.Errorf("%+v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(animals))
	f.Add([]byte(`{"resourceType":"ValueSet","compose":{"include":[{"system":"http://a","filter":[{"property":"code","op":"regex","value":"(a*)*b"}]}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := fhir.Parse(text, fhir.Limits{})
		if err != nil {
			return
		}
		if cs, err := ReadCodeSystem(r); err == nil {
			for i := range cs.concepts {
				cs.Relate(cs.concepts[i].Code, cs.concepts[0].Code)
			}
		}
		if vs, err := ReadValueSet(r); err == nil {
			_, _ = Expand(zoo(t), vs, Ask{Count: 10})
			_, _ = Contains(zoo(t), vs, Coding{Code: "dog"})
		}
		ReadConceptMap(r)
	})
}
