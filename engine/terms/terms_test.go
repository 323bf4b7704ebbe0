package terms

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// world is a store with a terminology, on one database.
type world struct {
	t     *testing.T
	store *store.Store
	terms *Service
	desk  *store.Desk
}

func eachDatabase(t *testing.T, story func(*testing.T, *world)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t, url(t), db.Options{Params: store.PostgresSettings()})
			o := store.Options{DanglingReferences: true}
			o.Vault, o.Audit = storetest.Keys(t, d)
			s, err := store.Open(t.Context(), d, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			terms := New(s, Options{})
			s.JoinTerms(terms)
			story(t, &world{t, s, terms, s.As(access.Inside(1, "test"))})
		})
	}
}

func (w *world) put(text string) {
	w.t.Helper()
	r, err := fhir.Parse([]byte(text), fhir.Limits{})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.desk.Update(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
}

// ask calls an operation: "ValueSet/$expand?url=x", "ValueSet/a/$expand", with a body or without.
func (w *world) ask(target, body string) (fhir.Resource, error) {
	w.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	parts := strings.Split(path, "/")
	c := operation.Call{Level: operation.OnType, Type: parts[0]}
	if len(parts) == 3 {
		c.Level, c.ID = operation.OnInstance, parts[1]
	}
	o, ok := w.terms.Operations().Find(strings.TrimPrefix(parts[len(parts)-1], "$"), c.Level, c.Type)
	if !ok {
		w.t.Fatalf("no operation %s", target)
	}
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		w.t.Fatal(err)
	}
	var sent fhir.Resource
	if body != "" {
		if sent, err = fhir.Parse([]byte(body), fhir.Limits{}); err != nil {
			w.t.Fatal(err)
		}
	}
	if c.In, _, err = o.Read(pairs, sent); err != nil {
		return fhir.Resource{}, err
	}
	a, err := o.Perform(w.t.Context(), w.desk, c)
	if err != nil {
		return fhir.Resource{}, err
	}
	return fhir.Parse(a.Body, fhir.Limits{})
}

// says is the answer in short: codes of an expansion, or name=value of parameters.
func (w *world) says(target, body string) string {
	w.t.Helper()
	r, err := w.ask(target, body)
	if err != nil {
		return fault.Of(err).String()
	}
	var out []string
	if r.Type() == "ValueSet" {
		for c := range r.Get("expansion").Get("contains").Items() {
			out = append(out, c.Get("code").Str())
		}
		return strings.Join(out, " ") + " of " + r.Get("expansion").Get("total").Str()
	}
	for p := range r.Get("parameter").Items() {
		for name, v := range p.Members() {
			if strings.HasPrefix(name, "value") {
				out = append(out, p.Get("name").Str()+"="+v.Str())
			}
		}
	}
	return strings.Join(out, " ")
}

const animals = `{"resourceType":"CodeSystem","id":"animals","url":"http://a","version":"1","name":"Animals","status":"active","content":"complete","caseSensitive":true,
"concept":[{"code":"mammal","display":"Mammal","concept":[{"code":"dog","display":"Dog","designation":[{"language":"de","value":"Hund"}],"definition":"barks"},{"code":"bat","display":"Bat"}]},{"code":"bird","display":"Bird"}]}`

const mammals = `{"resourceType":"ValueSet","id":"mammals","url":"http://v","status":"active","compose":{"include":[{"system":"http://a","filter":[{"property":"concept","op":"is-a","value":"mammal"}]}]}}`

const mapped = `{"resourceType":"ConceptMap","id":"m","url":"http://m","status":"active","sourceCanonical":"http://v","targetCanonical":"http://w","group":[{"source":"http://a","target":"http://b",
"element":[{"code":"dog","target":[{"code":"D","display":"Hund","equivalence":"equivalent"}]}]}]}`

func TestOperations(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		for _, text := range []string{animals, mammals, mapped} {
			w.put(text)
		}
		for target, want := range map[string]string{
			"ValueSet/$expand?url=http://v":                                                                            "mammal dog bat of 3",
			"ValueSet/mammals/$expand":                                                                                 "mammal dog bat of 3",
			"ValueSet/$expand?url=http://v&count=1&offset=1":                                                           "dog of 3",
			"ValueSet/$expand?url=http://v&filter=ba":                                                                  "bat of 1",
			"ValueSet/$expand?url=http://x":                                                                            "unknown",
			"ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/address-type":                                           "postal physical both of 3",
			"ValueSet/$expand?context=Patient.gender&count=2":                                                          "male female of 4",
			"ValueSet/$expand?url=http://v&count=-1":                                                                   "invalid",
			"ValueSet/$expand?url=http://a%3Ffhir_vs":                                                                  "mammal dog bat bird of 4",
			"ValueSet/$expand":                                                                                         "invalid",
			"CodeSystem/$lookup?system=http://a&code=dog&property=parent":                                              "name=Animals version=1 display=Dog",
			"CodeSystem/$lookup?system=http://a&code=dog&displayLanguage=de":                                           "name=Animals version=1 display=Hund",
			"CodeSystem/$lookup?coding=http://a|cow":                                                                   "unknown",
			"CodeSystem/$validate-code?url=http://a&code=dog":                                                          "result=true display=Dog",
			"CodeSystem/$validate-code?url=http://a&code=dog&display=Cat":                                              "result=false message=the display is none of the code display=Dog",
			"CodeSystem/animals/$validate-code?code=cow":                                                               "result=false message=the code is not in the code system",
			"ValueSet/$validate-code?url=http://v&system=http://a&code=bat":                                            "result=true display=Bat",
			"ValueSet/mammals/$validate-code?system=http://a&code=bird":                                                "result=false message=the code is not in the value set display=Bird",
			"ValueSet/mammals/$validate-code?system=http://a&code=cow":                                                 "result=false message=the code is neither in the value set nor in its code system",
			"CodeSystem/$subsumes?system=http://a&codeA=mammal&codeB=dog":                                              "outcome=subsumes",
			"CodeSystem/animals/$subsumes?codeA=dog&codeB=mammal":                                                      "outcome=subsumed-by",
			"CodeSystem/$subsumes?system=http://a&codeA=dog&codeB=cow":                                                 "unknown",
			"ConceptMap/$translate?url=http://m&system=http://a&code=dog":                                              "result=true",
			"ConceptMap/m/$translate?system=http://a&code=bat":                                                         "result=false message=the map has no translation for the code",
			"ConceptMap/$translate?source=http://v&target=http://w&coding=http://a|dog":                                "result=true",
			"ConceptMap/$translate?targetsystem=http://b&coding=http://a|dog":                                          "result=true",
			"ConceptMap/$translate?coding=http://a|dog":                                                                "invalid",
			"ConceptMap/$translate?targetsystem=http://z&coding=http://a|dog":                                          "result=false message=no concept map is loaded that leads from one to the other: add the package that has it, or store it",
			"ConceptMap/m/$translate?system=http://b&code=D&reverse=true":                                              "result=true",
			"CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mg/dL":                                           "name=UCUM display=milligram per deciliter",
			"CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mg/fL.s":                                         "name=UCUM display=mg/fL.s",
			"CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mgg":                                             "unknown",
			"CodeSystem/$lookup?system=urn:ietf:bcp:13&code=image/png":                                                 "name=MimeTypes display=image/png",
			"CodeSystem/$lookup?system=urn:ietf:bcp:47&code=de-CH":                                                     "name=Languages display=German (Switzerland)",
			"CodeSystem/$lookup?system=urn:iso:std:iso:4217&code=CHF":                                                  "name=ISO4217 display=Swiss franc",
			"CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=kg":                                          "result=true display=kilogram",
			"CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=kgg":                                         "result=false message=the code is not in the code system: not a UCUM unit: unknown symbol",
			"CodeSystem/$validate-code?url=urn:ietf:bcp:13&code=text/":                                                 "result=false message=the code is not in the code system: a media type is a type and a subtype, such as text/plain (RFC 6838)",
			"CodeSystem/$subsumes?system=http://unitsofmeasure.org&codeA=g&codeB=kg":                                   "unprocessable",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/mimetypes&code=text/plain":                       "result=true",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/ucum-units&coding=http://unitsofmeasure.org|mgg": "result=false message=the code is not in the value set: not a UCUM unit: unknown symbol",
			"ConceptMap/$translate?url=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2&coding=http://hl7.org/fhir/administrative-gender|male":                                                                 "result=true",
			"ConceptMap/$translate?source=http://hl7.org/fhir/ValueSet/administrative-gender&target=http://terminology.hl7.org/ValueSet/v3-AdministrativeGender&coding=http://hl7.org/fhir/administrative-gender|female": "result=true",
			"ConceptMap/$translate?url=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2|9&coding=http://hl7.org/fhir/administrative-gender|male":                                                               "unknown",
		} {
			if got := w.says(target, ""); got != want {
				t.Errorf("%s: %q, want %q", target, got, want)
			}
		}
		if _, err := w.ask("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/ucum-units", ""); err == nil || fault.Find(err).Issues[0].Code != "too-costly" {
			t.Errorf("codes without end: %v", err)
		}
		sent := `{"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":` + strings.ReplaceAll(mammals, "mammal\"}", "dog\"}") + `}]}`
		r, err := w.ask("ValueSet/$expand?url=http://v&count=1&offset=2&excludeNested=true", "")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.Get("expansion").Get("parameter").Raw()); !strings.HasPrefix(got, `[{"name":"excludeNested","valueBoolean":true},{"name":"offset","valueInteger":2},{"name":"count","valueInteger":1},`) {
			t.Errorf("the expansion says that it went by %s", got)
		}
		if got := w.says("ValueSet/$expand", sent); got != "dog of 1" {
			t.Error("a value set that was sent:", got)
		}
	})
}

// TestVersions wants a version that is asked for, of what R4 publishes as of what is stored.
func TestVersions(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(strings.Replace(mammals, `"status"`, `"version":"1","status"`, 1))
		const gender, code = "http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/administrative-gender"
		for _, c := range []struct{ set, system, version, code string }{{"http://v", "http://a", "1", "dog"}, {gender, code, "4.0.1", "male"}} {
			for version, want := range map[string]string{c.version: "", "9": "unknown"} {
				ask := strings.NewReplacer("VS", c.set, "CS", c.system, "9", version, "CODE", c.code)
				for _, target := range []string{
					"ValueSet/$expand?url=VS|9", "ValueSet/$expand?url=VS&valueSetVersion=9", "ValueSet/$validate-code?url=VS|9&system=CS&code=CODE",
					"ValueSet/$validate-code?url=VS&valueSetVersion=9&system=CS&code=CODE", "CodeSystem/$lookup?system=CS&version=9&code=CODE",
					"CodeSystem/$validate-code?url=CS&version=9&code=CODE", "CodeSystem/$subsumes?system=CS&version=9&codeA=CODE&codeB=CODE",
				} {
					if got := w.says(ask.Replace(target), ""); (got == "unknown") != (want == "unknown") {
						t.Errorf("%s: %s", ask.Replace(target), got)
					}
				}
			}
			include := `{"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","compose":{"include":[{"system":"%s","version":"9"}]}}}]}`
			if got := w.says("ValueSet/$expand", fmt.Sprintf(include, c.system)); got != "unprocessable" {
				t.Errorf("an include of a version of %s that is not there: %s", c.system, got)
			}
		}
	})
}

// TestNotKnownIsNotNo wants no answer about codes of a system of which nothing or only a part is there, and what is missing named.
func TestNotKnownIsNotNo(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(strings.NewReplacer("animals", "part", "http://a", "http://p", "complete", "fragment").Replace(animals))
		const sct, part = "http://snomed.info/sct", "http://p"
		notThere, inPart := "the code system "+sct+" is not loaded: add the package that has it (ficus admin package add), or store it", "the code is not in the part of the code system http://p that is loaded (its content is fragment), so it is not known whether it is one"
		for target, want := range map[string]string{
			"CodeSystem/$lookup?system=" + sct + "&code=1":                     notThere,
			"CodeSystem/$subsumes?system=" + sct + "&codeA=1&codeB=2":          notThere,
			"CodeSystem/$validate-code?url=" + sct + "&code=1":                 notThere,
			"CodeSystem/$lookup?system=" + part + "&code=cow":                  inPart,
			"CodeSystem/$validate-code?url=" + part + "&code=cow":              inPart,
			"CodeSystem/part/$validate-code?code=cow":                          inPart,
			"CodeSystem/$subsumes?system=" + part + "&codeA=dog&codeB=cow":     inPart,
			"CodeSystem/$subsumes?system=" + part + "&codeA=dog&codeB=bat":     "only a part of the code system http://p is loaded (its content is fragment), so it is not known whether one code subsumes the other",
			"CodeSystem/$lookup?system=http://a&version=2&code=dog":            "the code system http://a is not loaded in version 2, but in 1",
			"ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/address-type|9": "the value set http://hl7.org/fhir/ValueSet/address-type is not loaded in version 9, but in 4.0.1",
			"ConceptMap/$translate?url=http://m&coding=http://a|dog":           "the concept map http://m is not loaded: add the package that has it (ficus admin package add), or store it",
		} {
			if _, err := w.ask(target, ""); !fault.Is(err, fault.Unknown) || err.Error() != want {
				t.Errorf("%s: %v, want %s", target, err, want)
			}
		}
		if got := w.says("CodeSystem/$subsumes?system=http://p&codeA=mammal&codeB=dog", ""); got != "outcome=subsumes" {
			t.Error(got)
		}
		include := `{"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","compose":{"include":[{"system":"http://a","version":"2"}]}}}]}`
		for target, want := range map[string]string{
			"ValueSet/$expand": "the value set cannot be expanded: http://a|2 (there is version 1) is not loaded",
			"ValueSet/$validate-code?system=http://a&code=dog": "it is not known whether the code is in the value set: http://a|2 (there is version 1) is not loaded",
		} {
			if _, err := w.ask(target, include); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", target, err, want)
			}
		}
		w.put(`{"resourceType":"ValueSet","id":"legs","url":"http://legs","status":"active","compose":{"include":[{"system":"http://a","filter":[{"property":"legs","op":"=","value":"4"}]}]}}`)
		for target, want := range map[string]string{
			"ValueSet/$expand?url=http://legs":                                        "a filter names a property that the code system http://a does not have",
			"ValueSet/$validate-code?url=http://legs&system=http://a&code=dog":        "it is not known whether the code is in the value set: a filter names a property that the code system http://a does not have",
			"ValueSet/$validate-code?url=http://p%3Ffhir_vs&system=http://p&code=cow": "it is not known whether the code is in the value set: only a part of http://p is loaded (its content is fragment)",
		} {
			if _, err := w.ask(target, ""); !fault.Is(err, fault.Unprocessable) || err.Error() != want {
				t.Errorf("%s: %v, want %s", target, err, want)
			}
		}
	})
}

// TestAnExpansionOfAPartIsMarked as one beside which other codes may be valid.
func TestAnExpansionOfAPartIsMarked(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(strings.NewReplacer("animals", "part", "http://a", "http://p", "complete", "fragment").Replace(animals))
		for url, want := range map[string]bool{"http://p%3Ffhir_vs": true, "http://a%3Ffhir_vs": false} {
			r, err := w.ask("ValueSet/$expand?url="+url, "")
			if err != nil {
				t.Fatal(err)
			}
			exp := r.Get("expansion")
			marked := exp.Get("extension").At(0).Get("url").Str() == unclosedExtension && strings.Contains(string(exp.Get("parameter").Raw()), `{"name":"incomplete-codesystem","valueUri":"http://p|1"}`)
			if marked != want || exp.Get("total").Str() != "4" {
				t.Errorf("%s: %s", url, exp.Raw())
			}
		}
	})
}

// TestSupplements wants $lookup to say what supplements add, to the version that they name.
func TestSupplements(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		supplement := `{"resourceType":"CodeSystem","id":"%s","url":"http://%s","version":"%s","status":"%s","content":"supplement","supplements":"%s",
			"property":[{"code":"legs","type":"integer"}],"concept":[{"code":"dog","designation":[{"language":"%s","value":"%s"}],"property":[{"code":"legs","valueInteger":4}]}]}`
		w.put(animals)
		before := w.says("CodeSystem/$lookup?system=http://a&code=dog&displayLanguage=fr", "")
		for _, s := range [][]any{{"fr1", "fr", "1", "active", "http://a", "fr", "vieux chien"}, {"fr2", "fr", "2", "active", "http://a|1", "fr", "chien"},
			{"it", "it", "1", "active", "http://a|2", "it", "cane"}, {"es", "es", "1", "retired", "http://a", "es", "perro"}} {
			w.put(fmt.Sprintf(supplement, s...))
		}
		w.put(`{"resourceType":"CodeSystem","id":"nl","url":"http://nl","status":"active","content":"supplement","supplements":"http://hl7.org/fhir/administrative-gender","concept":[{"code":"male","designation":[{"language":"nl","value":"man"}]}]}`)
		for language, want := range map[string]string{"fr": "chien", "it": "Dog", "es": "Dog", "de": "Hund"} {
			if got := w.says("CodeSystem/$lookup?system=http://a&code=dog&displayLanguage="+language, ""); got != "name=Animals version=1 display="+want {
				t.Errorf("%s: %s, before %s", language, got, before)
			}
		}
		if got := w.says("CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male&displayLanguage=nl", ""); !strings.HasSuffix(got, "display=man") {
			t.Error(got)
		}
		r, err := w.ask("CodeSystem/$lookup?system=http://a&code=dog&property=legs&property=designation", "")
		if err != nil {
			t.Fatal(err)
		}
		all := string(r.Raw())
		if strings.Count(all, `"legs"`) != 1 || !strings.Contains(all, `"valueInteger":4`) || strings.Count(all, `"designation"`) != 2 || strings.Contains(all, "vieux") {
			t.Error(all)
		}
		if got := w.says("CodeSystem/$lookup?system=http://a&code=bird&displayLanguage=fr", ""); got != "name=Animals version=1 display=Bird" {
			t.Error(got)
		}
	})
}

// TestDependencies wants a mapping that depends on other elements only where these are told, and what it yields besides.
func TestDependencies(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(`{"resourceType":"ConceptMap","id":"d","url":"http://d","status":"active","group":[{"source":"http://a","target":"http://b","element":[{"code":"dog","target":[
			{"code":"pup","equivalence":"wider","dependsOn":[{"property":"http://age","system":"http://ages|1","value":"young"}],"product":[{"property":"http://size","system":"http://sizes","value":"small"}]},
			{"code":"old","equivalence":"wider","dependsOn":[{"property":"http://age","value":"aged"}]}]},
			{"code":"bat","target":[{"code":"B","equivalence":"equal"}]}]}]}`)
		call := func(code, more string) string {
			return `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://d"},{"name":"coding","valueCoding":{"system":"http://a","code":"` + code + `"}}` + more + `]}`
		}
		age := func(concept string) string {
			return `,{"name":"dependency","part":[{"name":"element","valueUri":"http://age"},{"name":"concept","valueCodeableConcept":` + concept + `}]}`
		}
		young := age(`{"coding":[{"system":"http://ages","code":"young"},{"system":"http://other","code":"x"}]}`)
		lacks := "result=false message=a mapping of the code depends on http://age; tell its value as dependency"
		for more, want := range map[string]string{"": lacks, young: "result=true", age(`{"text":"aged"}`): "result=true", age(`{"coding":[{"system":"http://others","code":"young"}]}`): lacks} {
			if got := w.says("ConceptMap/$translate", call("dog", more)); got != want {
				t.Errorf("%s: %s, want %s", more, got, want)
			}
		}
		if got := w.says("ConceptMap/$translate", call("bat", "")); got != "result=true" {
			t.Error(got)
		}
		for target, want := range map[string][]string{call("dog", young): {`"pup"`, `"http://size"`, `"small"`}, strings.Replace(call("pup", `,{"name":"reverse","valueBoolean":true}`), "http://a", "http://b", 1): {`"dog"`, `"http://age"`, `"young"`}} {
			r, err := w.ask("ConceptMap/$translate", target)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range want {
				if !strings.Contains(string(r.Raw()), text) || strings.Contains(string(r.Raw()), `"old"`) {
					t.Errorf("no %s in %s", text, r.Raw())
				}
			}
		}
	})
}

func TestAChangeIsSeenAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(mammals)
		before := w.says("ValueSet/$expand?url=http://v", "")
		w.put(strings.Replace(animals, `{"code":"bat","display":"Bat"}`, `{"code":"cow"}`, 1))
		if after := w.says("ValueSet/$expand?url=http://v", ""); before != "mammal dog bat of 3" || after != "mammal dog cow of 3" {
			t.Errorf("%s, then %s", before, after)
		}
		if _, err := w.desk.Delete(t.Context(), "ValueSet", "mammals"); err != nil {
			t.Fatal(err)
		}
		if got := w.says("ValueSet/$expand?url=http://v", ""); got != "unknown" {
			t.Error("deleted:", got)
		}
	})
}

func TestOtherTenantsSeeNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		lib := w.terms.Library(t.Context(), 2)
		if cs, err := lib.CodeSystem("http://a"); cs != nil || err != nil {
			t.Error("the code system of another tenant", err)
		}
	})
}

func TestSearchesByTerminology(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(mammals)
		w.put(large(21_000))
		w.put(`{"resourceType":"ValueSet","id":"large","url":"http://large","status":"active","compose":{"include":[{"system":"http://large"}]}}`)
		w.put(`{"resourceType":"Observation","id":"l","status":"final","code":{"coding":[{"system":"http://large","code":"C00007"}]}}`)
		for i, code := range []string{"dog", "bat", "bird", "mammal"} {
			w.put(fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":"final","code":{"coding":[{"system":"http://a","code":"%s"}]}}`, i, code))
		}
		for query, want := range map[string]int{"code:in=http://v": 3, "code:not-in=http://v": 2, "code:below=http://a|mammal": 3, "code:above=http://a|dog": 2, "code:in=ValueSet/mammals": 3,
			"code:in=http://a?fhir_vs": 4, "code:in=http://large?fhir_vs": 1, "code:not-in=http://large?fhir_vs": 4, "code:in=http://large,ValueSet/mammals": 4, "code:in=http://none?fhir_vs": 0, "code:not-in=http://none?fhir_vs": 5} {
			pairs, err := search.ParseQueryString(strings.ReplaceAll(query, "|", url.QueryEscape("|")))
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := search.Parse("Observation", pairs, search.Strict)
			if err != nil {
				t.Fatal(query, err)
			}
			page, err := w.desk.Search(t.Context(), q)
			if err != nil || len(page.Entries) != want {
				t.Errorf("%s: %d, want %d (%v)", query, len(page.Entries), want, err)
			}
		}
	})
}

// TestSearchesSayWhatIsMissing wants the definition named that a search needs, and how to load it.
func TestSearchesSayWhatIsMissing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(`{"resourceType":"ValueSet","id":"part","url":"http://part","status":"active","compose":{"include":[{"system":"http://none","filter":[{"property":"concept","op":"is-a","value":"x"}]}]}}`)
		w.put(`{"resourceType":"ValueSet","id":"round","url":"http://round","status":"active","compose":{"include":[{"valueSet":["http://round"]}]}}`)
		for query, want := range map[string]string{
			"code:in=http://none":                        "the value set http://none is not loaded: add the package that has it (ficus admin package add), or store it",
			"_filter=code in http://none":                "the value set http://none is not loaded",
			"code:in=ValueSet/none":                      "there is no ValueSet/none",
			"code:below=http://loinc.org|1-8":            "the code system http://loinc.org is not loaded",
			"code:below=http://snomed.info/sct|73211009": "the code system http://snomed.info/sct is not loaded",
			"code:above=http://a|cow":                    "the code is not in the code system http://a",
			"code:in=http://part":                        "cannot be answered: the value set cannot be expanded: http://none is not loaded",
			"code:in=http://round":                       "imports itself",
		} {
			name, value, _ := strings.Cut(query, "=")
			pairs, err := search.ParseQueryString(name + "=" + url.QueryEscape(value))
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := search.Parse("Observation", pairs, search.Strict)
			if err != nil {
				t.Fatal(query, err)
			}
			if _, err := w.desk.Search(t.Context(), q); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", query, err, want)
			}
		}
		q, _, err := search.Parse("Observation", []search.Pair{{Name: "code:below", Value: "cow"}}, search.Strict)
		if err != nil {
			t.Fatal(err)
		}
		const want = "search parameter code:below must be system|code with the modifier :below"
		if _, err := w.desk.Search(t.Context(), q); err == nil || err.Error() != want || fault.Find(err).Issues[0].Code != "value" {
			t.Errorf("a code without its system: %v, want %s", err, want)
		}
	})
}

func TestValidate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.put(animals)
		w.put(mammals)
		w.put(`{"resourceType":"StructureDefinition","id":"p","url":"http://p","name":"P","status":"active","kind":"resource","abstract":false,"type":"Observation",
		"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Observation","derivation":"constraint","differential":{"element":[
		{"id":"Observation","path":"Observation"},{"id":"Observation.code","path":"Observation.code","binding":{"strength":"required","valueSet":"http://v"}},
		{"id":"Observation.subject","path":"Observation.subject","min":1}]}}`)
		obs := func(code, more string) string {
			return `{"resourceType":"Observation","id":"x","status":"final","code":{"coding":[{"system":"http://a","code":"` + code + `"}]}` + more + `}`
		}
		for _, c := range []struct{ target, body, want string }{
			{"Observation/$validate", obs("bird", ""), ""},
			{"Observation/$validate?profile=http://p", obs("bird", ""), "required code-invalid"},
			{"Observation/$validate?profile=http://p", obs("dog", `,"subject":{"reference":"Patient/1"}`), ""},
			{"Observation/$validate?profile=http://q", obs("dog", ""), "not-found"},
			{"Observation/$validate", obs("bird", `,"meta":{"profile":["http://p"]}`), "required code-invalid"},
			{"Patient/$validate", obs("dog", ""), "invalid"},
			{"Observation/y/$validate?mode=update", obs("dog", ""), "invalid"},
			{"ValueSet/mammals/$validate", "", ""},
			{"ValueSet/mammals/$validate?mode=delete", "", ""},
			{"ValueSet/none/$validate?mode=delete", "", "unknown"},
			{"Observation/$validate?mode=other", obs("dog", ""), "invalid"},
		} {
			r, err := w.ask(c.target, c.body)
			got := []string{}
			for i := range r.Get("issue").Items() {
				if i.Get("severity").Str() == "error" {
					got = append(got, i.Get("code").Str())
				}
			}
			if err != nil {
				got = []string{fault.Of(err).String()}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s %s: %v, want %s", c.target, c.body, got, c.want)
			}
		}
	})
}

// TestVersionsOfStoredProfiles wants $validate to go by the version that is asked for, also right after it has become another.
func TestVersionsOfStoredProfiles(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		profile := func(id, version, element string) {
			w.put(`{"resourceType":"StructureDefinition","id":"` + id + `","url":"http://p","version":"` + version + `","name":"P","status":"active","kind":"resource","abstract":false,"type":"Patient",
				"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient","path":"Patient"},{"id":"Patient.` + element + `","path":"Patient.` + element + `","min":1}]}}`)
		}
		says := func(profile string) string {
			out := ""
			for _, target := range []string{"Patient/$validate?profile=" + profile, "Patient/$validate"} {
				r, err := w.ask(target, `{"resourceType":"Patient","meta":{"profile":["`+profile+`"]}}`)
				if err != nil {
					t.Fatal(err)
				}
				for i := range r.Get("issue").Items() {
					if text := i.Get("diagnostics").Str(); !strings.HasPrefix(text, "dom-6") {
						out += i.Get("severity").Str() + " " + i.Get("expression").At(0).Str() + " " + text + "\n"
					}
				}
			}
			return out
		}
		profile("one", "1", "name")
		profile("two", "2", "gender")
		for url, want := range map[string]string{"http://p|1": "error Patient.name", "http://p|2": "error Patient.gender", "http://p": "error Patient.gender"} {
			if got := says(url); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 2 {
				t.Errorf("%s: %s", url, got)
			}
		}
		profile("two", "3", "birthDate")
		if got := says("http://p|3"); !strings.HasPrefix(got, "error Patient.birthDate") {
			t.Error(got)
		}
		if got := says("http://p|2"); !strings.Contains(got, "error Patient the profile http://p is not loaded in version 2, but in 3: add") ||
			!strings.Contains(got, "information Patient the profile http://p is not loaded in version 2, but in 3, so") {
			t.Error(got)
		}
	})
}

// large is a code system of n codes.
func large(n int) string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"CodeSystem","id":"large","url":"http://large","status":"active","content":"complete","concept":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"code":"C%05d","display":"Disorder number %d of something"}`, i, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

// Seventy-two thousand codes load in seconds and answer by the page.
func TestALargeCodeSystem(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		start := time.Now()
		w.put(large(72_000))
		w.put(`{"resourceType":"ValueSet","id":"all","url":"http://all","status":"active","compose":{"include":[{"system":"http://large"}]}}`)
		if got := w.says("ValueSet/$expand?url=http://all&count=2&offset=71998", ""); got != "C71998 C71999 of 72000" {
			t.Error(got)
		}
		if got := w.says("ValueSet/$expand?url=http://all&filter=71999", ""); got != "C71999 of 1" {
			t.Error(got)
		}
		if got := w.says("ValueSet/$expand?url=http://all", ""); got != "too-costly" {
			t.Error(got)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("loading and three answers took %v", took)
		}
	})
}

// Many ask while the code system changes: each answer is of one version, and nobody waits for ever.
func TestManyAskAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		w.terms.shelf.most = 1000 // less than one of them: whatever is not asked for goes
		w.put(animals)
		w.put(mammals)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 30 {
					codes, err := w.terms.Expand(t.Context(), 1, "http://v", 100)
					if err != nil || len(codes) != 3 {
						t.Errorf("%v %v", codes, err)
					}
				}
			})
		}
		for i := range 10 {
			w.put(strings.Replace(animals, `"display":"Bird"`, fmt.Sprintf(`"display":"Bird %d"`, i), 1))
		}
		all.Wait()
	})
}

// TestWhatTheInputLacksHasAPlace also wants no system of a grammar called one that is not loaded.
func TestWhatTheInputLacksHasAPlace(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		for target, want := range map[string]string{
			"ValueSet/$expand": "the value set is not named", "CodeSystem/$lookup?code=x": "the code system is not named", "ConceptMap/$translate?coding=http://a|x": "the concept map is not named",
			"CodeSystem/$lookup?system=http://a": "no code is given", "CodeSystem/$subsumes?system=http://a&codeA=x": "two codes are needed",
		} {
			_, err := w.ask(target, "")
			if f := fault.Find(err); f == nil || len(f.Issues) != 1 || f.Issues[0].Expression == "" || f.Issues[0].Code != "required" || !strings.Contains(f.Text, want) {
				t.Errorf("%s: %+v", target, f)
			}
		}
		if _, err := w.ask("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/mimetypes", ""); err == nil || !strings.Contains(err.Error(), "urn:ietf:bcp:13 are built by a grammar") {
			t.Error(err)
		}
	})
}
