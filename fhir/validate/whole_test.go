package validate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/suites"
)

// wholeErrors are the errors that Whole finds, each as "key path".
func wholeErrors(t *testing.T, text string) string {
	t.Helper()
	r, err := fhir.Parse([]byte(text), fhir.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var out []string
	for _, i := range Whole(r) {
		if !i.Warning {
			key, _, _ := strings.Cut(i.Text, ":")
			if i.Code != "invariant" {
				key = i.Code
			}
			out = append(out, fmt.Sprintf("%s %s", key, i.Expression))
		}
	}
	return strings.Join(out, "; ")
}

const div = `"text":{"status":"generated","div":"%s"}`

func TestWhole(t *testing.T) {
	for text, want := range map[string]string{
		`{"resourceType":"Patient","contact":[{"gender":"male"}]}`:                                                                                                        "pat-1 Patient.contact[0]",
		`{"resourceType":"Patient","contact":[{"name":{"family":"A"}}]}`:                                                                                                  "",
		`{"resourceType":"Patient","name":[{"period":{"start":"2021","end":"2020"}}]}`:                                                                                    "per-1 Patient.name[0].period",
		`{"resourceType":"Patient","name":[{"period":{"start":"2020","end":"2020-05"}}]}`:                                                                                 "",
		`{"resourceType":"Patient","name":[{"period":{"start":"2020-01-01T10:00:00Z","end":"2020-01-01T10:00:00+01:00"}}]}`:                                               "per-1 Patient.name[0].period",
		`{"resourceType":"Patient","name":[{"period":{"start":"2020-01-01T10:00:00+01:00","end":"2020-01-01T10:00:00Z"}}]}`:                                               "",
		`{"resourceType":"Organization","active":true}`:                                                                                                                   "org-1 Organization",
		`{"resourceType":"Organization","name":"A","telecom":[{"system":"phone","use":"home","value":"1"}]}`:                                                              "org-3 Organization.telecom[0]",
		`{"resourceType":"Patient","name":[{"id":"a"}]}`:                                                                                                                  "ele-1 Patient.name[0]",
		`{"resourceType":"Patient","_gender":{"id":"a"}}`:                                                                                                                 "ele-1 Patient.gender",
		`{"resourceType":"Patient","gender":"male","_gender":{"id":"a"}}`:                                                                                                 "",
		`{"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"b","code":{"text":"x"}}]}`:                                                                  "dom-3 Patient.contained[0]",
		`{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"o","name":"x"}]}`:                          "",
		`{"resourceType":"Patient","managingOrganization":{"reference":"#p"},"contained":[{"resourceType":"Organization","id":"o","name":"x"}]}`:                          "ref-1 Patient.managingOrganization; dom-3 Patient.contained[0]",
		`{"resourceType":"Patient","contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"#"}}]}`:               "",
		`{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"o","name":"x","meta":{"versionId":"1"}}]}`: "dom-4 Patient",
		`{"resourceType":"Bundle","type":"collection","total":1}`:                                                                                                         "bdl-1 Bundle",
		`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"Patient/1","resource":{"resourceType":"Patient"}}]}`:                                           "invalid Bundle.entry[0]",
		`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"2"}}]}`:                         "invalid Bundle.entry[0]",
		`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"1"}}]}`:                         "",
		`{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient"}}]}`:                                                                  "invalid Bundle.entry[0].resource",
		`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","contact":[{"gender":"male"}]}}]}`:                                   "pat-1 Bundle.entry[0].resource.contact[0]",
		aDocument(`"author":[{"reference":"Practitioner/1"}]`, "http://x/Practitioner/1", "Practitioner", "1"):                                                            "",
		aDocument(`"author":[{"reference":"Practitioner/2"}]`, "http://x/Practitioner/1", "Practitioner", "1"):                                                            "not-found Bundle.entry[0].resource.author[0]",
		aDocument(`"author":[{"reference":"urn:uuid:6e0f3f6c-7c2b-4c39-9bd1-0a3e5e4f6b11"}]`, "urn:uuid:6e0f3f6c-7c2b-4c39-9bd1-0a3e5e4f6b11", "Practitioner", "1"):       "",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'>a &amp; b<br/><a href='http://x'>c</a></div>`):                                                                "",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'> </div>`):                                                                                                     "txt-2 Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><![CDATA[a<b & c]]></div>`):                                                                                   "",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><![CDATA[a</div>`):                                                                                            "txt-1 Patient.text.div",
		narrated(`<div>a</div>`): "txt-1 Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'>a<script>b</script></div>`):            "txt-1 Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><p onclick='b'>a</p></div>`):           "txt-1 Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><a href='javascript:b()'>a</a></div>`): "txt-1 Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><p>a</div>`):                           "txt-1 Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'>a & b</div>`):                          "txt-1 Patient.text.div",
	} {
		if got := wholeErrors(t, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func narrated(html string) string {
	return `{"resourceType":"Patient",` + fmt.Sprintf(div, html) + `}`
}

func aDocument(author, url, typ, id string) string {
	return `{"resourceType":"Bundle","type":"document","identifier":{"system":"http://x","value":"1"},"timestamp":"2020-01-01T00:00:00Z","entry":[` +
		`{"fullUrl":"http://x/Composition/1","resource":{"resourceType":"Composition","id":"1","status":"final","type":{"text":"x"},"date":"2020","title":"x",` + author + `}},` +
		`{"fullUrl":"` + url + `","resource":{"resourceType":"` + typ + `","id":"` + id + `"}}]}`
}

// TestNativeRules compares each invariant written in Go with its expression, wherever its type occurs in the examples.
func TestNativeRules(t *testing.T) {
	seen := map[string]int{}
	for d := range documents(t, suites.Path(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz")) {
		if r, err := fhir.Parse(d.raw, fhir.Limits{}); err == nil && len(d.raw) < 1<<20 {
			compareNatives(t, seen, path.Root(r), &path.Context{Resource: path.Root(r), Outer: path.Root(r)})
		}
	}
	for key := range natives {
		if seen[key] == 0 {
			t.Errorf("no example has %s", key)
		}
	}
}

func compareNatives(t *testing.T, seen map[string]int, n path.Node, ctx *path.Context) {
	children, err := everything.Eval(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range children {
		info := c.Info()
		if info == nil || c.Value().Kind() != fhir.Object {
			continue
		}
		for _, r := range r4Rules().types[info.ID] {
			if r.native == nil || strings.HasPrefix(r.Key, "dom-") && !slices.Contains([]string{"dom-4", "dom-5", "dom-6"}, r.Key) {
				continue
			}
			seen[r.Key]++
			got, isSure := r.native(c.Value())
			want, err := r.holds(ctx, c)
			if err != nil || isSure && got != want {
				t.Errorf("%s: native %v, expression %v (%v)", r.Key, got, want, err)
			}
		}
	}
}

var everything = mustCompile("$this | descendants()")

func mustCompile(src string) *path.Expr {
	e, err := path.CompileR4(src)
	if err != nil {
		panic(err)
	}
	return e
}

func TestEveryRuleOfR4IsReady(t *testing.T) {
	for _, typ := range r4.Types() {
		for _, r := range r4Rules().types[typ.ID] {
			if r.broken != nil {
				t.Errorf("%s: %v", r.Key, r.broken)
			}
		}
	}
}

func BenchmarkOnWrite(b *testing.B) {
	r := patient(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(r.Raw())))
	for b.Loop() {
		OnWrite(nil, r) //nolint:errcheck // is measured
	}
}
