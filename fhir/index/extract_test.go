package index

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// seed is that of the tests; the expected keys are built from the forms as doc.go lists them.
const seed = 42

// open ends of an interval of time
const (
	past   = "past"
	future = "future"
)

// TestRows states all rows of small resources. A row is written as kind, parameter, then the parts of its key behind
// resource type and parameter, and behind an equals sign its value, all separated by blanks ("~" stands for a blank, "”"
// for the empty string): "T gender c male", "S name = ng", "D birthdate = 1980-01-01 1980-12-31T23:59:59.999999Z",
// "N length = 1 2 min http://unitsofmeasure.org", "R subject = Patient/1".
func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		resource string
		want     []string
	}{
		"a name and a gender": {
			`{"resourceType":"Patient","gender":"female","name":[{"family":"Ng","given":["Ada  Maria"],"use":"official"}]}`,
			append(deceasedFalse,
				"T gender c female", "T gender sc http://hl7.org/fhir/administrative-gender female",
				"S name = ng", "T name :exact Ng", "S name = ada~maria", "T name :exact Ada~~Maria",
				"S family = ng", "T family :exact Ng", "S given = ada~maria", "T given :exact Ada~~Maria",
			),
		},
		"identifier with a type": {
			`{"resourceType":"Patient","identifier":[{"system":"urn:s","value":"7","type":{"text":"MRN Örebro","coding":[{"system":"http://v2","code":"MR"}]}},{"value":"8"},{"system":"urn:only"}]}`,
			append(deceasedFalse,
				"T identifier c 7", "T identifier sc urn:s 7", "T identifier s urn:s", "T identifier :of-type http://v2 MR 7",
				"T identifier :text mrn~orebro", "V identifier :text = mrn~orebro",
				"T identifier c 8", "T identifier sc '' 8", "T identifier s urn:only",
			),
		},
		"death, birth, contact, references": {
			`{"resourceType":"Patient","deceasedDateTime":"2020-02","birthDate":"1980","telecom":[{"system":"phone","value":"+41 7"},{"system":"email","value":"A@b"}],
			 "managingOrganization":{"reference":"Organization/1","identifier":{"system":"urn:o","value":"x"}},
			 "generalPractitioner":[{"reference":"#c"},{"reference":"urn:uuid:5"},{"reference":"http://h/fhir/Practitioner/2/_history/3"},{"reference":"Nosuch/1"}]}`,
			[]string{
				"T deceased c true", "T deceased sc " + SpecialValues + " true", "T deceased s " + SpecialValues,
				"D death-date = 2020-02-01 2020-02-29T23:59:59.999999Z",
				"D birthdate = 1980-01-01 1980-12-31T23:59:59.999999Z",
				"T telecom c +41~7", "T telecom sc '' +41~7", "T telecom c A@b", "T telecom sc '' A@b",
				"T phone c +41~7", "T phone sc '' +41~7", "T email c A@b", "T email sc '' A@b",
				"R organization = Organization/1", "T organization:identifier c x", "T organization:identifier sc urn:o x", "T organization:identifier s urn:o",
				"T general-practitioner u urn:uuid:5", "R general-practitioner = http://h/fhir/Practitioner/2/_history/3", "T general-practitioner u Nosuch/1",
			},
		},
		"address and meta": {
			`{"resourceType":"Organization","address":[{"line":["A 1"],"city":"Zürich","country":"CH","use":"work"}],
			  "meta":{"profile":["http://p"],"tag":[{"code":"t","display":"Tag"}],"security":[{"system":"http://s","code":"R"}],"source":"urn:src"}}`,
			[]string{
				"S address = a~1", "T address :exact A~1", "S address = zurich", "T address :exact Zürich", "S address = ch", "T address :exact CH",
				"S address-city = zurich", "T address-city :exact Zürich", "S address-country = ch", "T address-country :exact CH",
				"T address-use c work", "T address-use sc http://hl7.org/fhir/address-use work",
				"T _profile u http://p", "V _profile = http://p", "T _source u urn:src", "S _source = urn:src",
				"T _tag c t", "T _tag sc '' t", "T _tag :text tag", "V _tag :text = tag",
				"T _security c R", "T _security sc http://s R", "T _security s http://s",
			},
		},
		"an observation with its composites": {
			`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}],"text":"Mass"},
			  "valueQuantity":{"value":1.50,"unit":"kilo","system":"http://unitsofmeasure.org","code":"kg"},"effectiveDateTime":"2020-01-01T10:00:00+02:00"}`,
			[]string{
				"T status c final", "T status sc http://hl7.org/fhir/observation-status final",
				"T code c 1", "T code sc http://loinc.org 1", "T code s http://loinc.org", "T code :text mass", "V code :text = mass",
				"D date = 2020-01-01T08:00:00Z 2020-01-01T08:00:00.999999Z",
				"N value-quantity = 1.5 1.5 kg http://unitsofmeasure.org", "N value-quantity = 1.5 1.5 kilo ''",
				"N code-value-quantity c 1 = 1.5 1.5 kg http://unitsofmeasure.org", "N code-value-quantity c 1 = 1.5 1.5 kilo ''",
				"N code-value-quantity sc http://loinc.org 1 = 1.5 1.5 kg http://unitsofmeasure.org", "N code-value-quantity sc http://loinc.org 1 = 1.5 1.5 kilo ''",
			},
		},
		"components: each with its own value only": {
			`{"resourceType":"Observation","component":[
			   {"code":{"coding":[{"code":"a"}]},"valueQuantity":{"value":1,"comparator":"<"}},
			   {"code":{"coding":[{"code":"b"}]},"valueCodeableConcept":{"coding":[{"system":"s","code":"x"}]}}]}`,
			[]string{
				"T component-code c a", "T component-code sc '' a", "T component-code c b", "T component-code sc '' b",
				"N component-value-quantity = -inf 1 '' ''",
				"T component-value-concept c x", "T component-value-concept sc s x", "T component-value-concept s s",
				"N component-code-value-quantity c a = -inf 1 '' ''", "N component-code-value-quantity sc '' a = -inf 1 '' ''",
				"T component-code-value-concept cc b x", "T component-code-value-concept scsc '' b s x", "T component-code-value-concept csc b s x", "T component-code-value-concept scc '' b x",
			},
		},
		"a code with a string, and with a date": {
			`{"resourceType":"Observation","code":{"coding":[{"system":"s","code":"1"}]},"valueString":"Très Bon"}`,
			[]string{
				"T code c 1", "T code sc s 1", "T code s s",
				"S value-string = tres~bon", "T value-string :exact Très~Bon",
				"S code-value-string c 1 = tres~bon", "S code-value-string sc s 1 = tres~bon",
				"T code-value-string c:exact 1 Très~Bon", "T code-value-string sc:exact s 1 Très~Bon",
			},
		},
		"value-date": {
			`{"resourceType":"Observation","code":{"coding":[{"code":"1"}]},"valueDateTime":"2020"}`,
			[]string{
				"T code c 1", "T code sc '' 1",
				"D value-date = 2020-01-01 2020-12-31T23:59:59.999999Z",
				"D code-value-date c 1 = 2020-01-01 2020-12-31T23:59:59.999999Z", "D code-value-date sc '' 1 = 2020-01-01 2020-12-31T23:59:59.999999Z",
			},
		},
		"samples": {
			`{"resourceType":"Observation","valueSampledData":{"origin":{"value":10,"code":"mV","system":"u"},"period":1,"factor":2,"dimensions":1,"lowerLimit":-3,"data":"1 E L 4"}}`,
			[]string{"N value-quantity = 4 18 mV u"},
		},
		"open periods and a bad date": {
			`{"resourceType":"Encounter","period":{"start":"2020-01-01"},"length":{"value":3,"unit":"h"},"location":[{"location":{"reference":"Location/1"},"period":{"end":"2019"}},{"location":{"display":"x"},"period":{"start":"yesterday"}}]}`,
			[]string{
				"D date = 2020-01-01 " + future, "N length = 3 3 h ''", "R location = Location/1",
				"D location-period = " + past + " 2019-12-31T23:59:59.999999Z",
			},
		},
		"timing": {
			`{"resourceType":"ServiceRequest","occurrenceTiming":{"event":["2020-03-02","2020-03-01T12:00:00Z"],"repeat":{"boundsPeriod":{"start":"2020-03-02","end":"2020-04"}}}}`,
			[]string{"D occurrence = 2020-03-01T12:00:00Z 2020-04-30T23:59:59.999999Z"},
		},
		"money, canonical, uri": {
			`{"resourceType":"ChargeItem","priceOverride":{"value":9.95,"currency":"EUR"},"factorOverride":0.8,"definitionUri":["http://d"],"definitionCanonical":["http://c|2"]}`,
			[]string{"N price-override = 9.95 9.95 EUR " + Currencies, "N factor-override = 0.8 0.8 '' ''"},
		},
		"canonical under a reference": {
			`{"resourceType":"CarePlan","instantiatesCanonical":["http://c|2"],"instantiatesUri":["http://u"]}`,
			[]string{"T instantiates-canonical u http://c|2", "T instantiates-canonical u http://c", "T instantiates-uri u http://u", "S instantiates-uri = http://u"},
		},
		"a reference beside a code": {
			`{"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/1"}},{"code":"signs","target":{"reference":"urn:uuid:1"}}]}`,
			[]string{
				"R relatesto = DocumentReference/1", "T relatesto u urn:uuid:1",
				"T relation c replaces", "T relation sc http://hl7.org/fhir/document-relationship-type replaces",
				"T relation c signs", "T relation sc http://hl7.org/fhir/document-relationship-type signs",
				"R relationship c replaces = DocumentReference/1", "R relationship sc http://hl7.org/fhir/document-relationship-type replaces = DocumentReference/1",
			},
		},
		"a code and an interval": {
			`{"resourceType":"MolecularSequence","referenceSeq":{"chromosome":{"coding":[{"code":"7"}]},"windowStart":5,"windowEnd":9},"variant":[{"start":6,"end":8}]}`,
			[]string{
				"T chromosome c 7", "T chromosome sc '' 7", "N window-start = 5 5 '' ''", "N window-end = 9 9 '' ''", "N variant-start = 6 6 '' ''", "N variant-end = 8 8 '' ''",
				"N chromosome-window-coordinate c 7 = 5 9 '' ''", "N chromosome-window-coordinate sc '' 7 = 5 9 '' ''",
				"N chromosome-variant-coordinate c 7 = 6 8 '' ''", "N chromosome-variant-coordinate sc '' 7 = 6 8 '' ''",
			},
		},
		"a range of ages": {
			`{"resourceType":"Condition","onsetRange":{"low":{"value":3,"code":"a","system":"u"},"high":{"value":4,"code":"a","system":"u"}},"subject":{"reference":"Patient/1"},"abatementAge":{"value":5,"comparator":">="}}`,
			[]string{"N onset-age = 3 4 a u", "N abatement-age = 5 +inf '' ''", "R subject = Patient/1"},
		},
		"the first entry of a bundle": {
			`{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"c1"}},{"resource":{"resourceType":"Composition","id":"c2"}}]}`,
			[]string{
				"T type c document", "T type sc http://hl7.org/fhir/bundle-type document", "R composition = Composition/c1",
			},
		},
		"a context of use": {
			`{"resourceType":"Library","useContext":[{"code":{"system":"s","code":"age"},"valueRange":{"low":{"value":1,"code":"a"}}}]}`,
			[]string{
				"T context-type c age", "T context-type sc s age", "T context-type s s", "N context-quantity = 1 +inf a ''",
				"N context-type-quantity c age = 1 +inf a ''", "N context-type-quantity sc s age = 1 +inf a ''",
			},
		},
		"values of a wrong kind have no rows": {
			`{"resourceType":"Slot","status":7,"start":"soon","serviceType":"x","schedule":[1],"identifier":{"value":["a"]},"comment":null}`,
			[]string{"T status c 7", "T status sc '' 7"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := fhir.Parse([]byte(c.resource), fhir.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Extract(r, NewHasher(seed))
			if err != nil {
				t.Fatal(err)
			}
			sameRows(t, described(got), wanted(t, r.Type(), c.want))
			for _, v := range got.Values {
				if !slices.Contains(got.Token, TokenRow{Hash: v.Key}) {
					t.Errorf("the value %q has no token row", v.Text)
				}
			}
		})
	}
}

// deceasedFalse are the rows of a patient who is not said to be dead: the published expression gives false then.
var deceasedFalse = []string{"T deceased c false", "T deceased sc " + SpecialValues + " false", "T deceased s " + SpecialValues}

// described writes rows as text without their key, which stays a number.
func described(r Rows) []string {
	var out []string
	for _, x := range r.Token {
		out = append(out, fmt.Sprintf("T %d %d", x.Hash, x.System))
	}
	for _, x := range r.String {
		out = append(out, fmt.Sprintf("S %d %s %d", x.Hash, x.Value, x.Exact))
	}
	for _, x := range r.Values {
		out = append(out, fmt.Sprintf("V %d %s", x.List, x.Text))
	}
	for _, x := range r.Date {
		out = append(out, fmt.Sprintf("D %d %d %d", x.Hash, x.Lo, x.Hi))
	}
	for _, x := range r.Number {
		out = append(out, fmt.Sprintf("N %d %v %v %d %d", x.Hash, x.Lo, x.Hi, x.Code, x.System))
	}
	for _, x := range r.Ref {
		out = append(out, fmt.Sprintf("R %d %s", x.Hash, x.Target.Text))
	}
	return out
}

// wanted gives for each expected row its text as described writes it. Three spellings stand for what is beside a key: a
// code that also has an "sc" line has the system of that line, one that has none cannot have a system, and the text of an
// ":exact" line stands beside the string that it becomes when normalised.
func wanted(t *testing.T, resourceType string, rows []string) map[string]string {
	h, out := NewHasher(seed), map[string]string{}
	systems, exacts := beside(rows)
	for _, row := range rows {
		left, value, _ := strings.Cut(row, " = ")
		f := strings.Fields(left)
		for i := range f {
			f[i] = plain(f[i])
		}
		key := func(parts ...string) string { return fmt.Sprintf("%s %d", f[0], h.Key(resourceType, f[1], parts...)) }
		switch {
		case f[0] == "V":
			out[row] = key(f[2:]...) + " " + plain(value)
		case f[0] == "S":
			text, exact := plain(strings.TrimPrefix(row, left+" = ")), int32(0)
			if raw, ok := exacts[text]; ok {
				exact = h.Unit(raw)
			}
			out[row] = fmt.Sprintf("%s %s %d", key(f[2:]...), text, exact)
		case f[0] != "T":
			out[row] = key(f[2:]...) + valueText(t, h, f[0], strings.Fields(value))
		case strings.HasSuffix(f[2], ":exact") || f[2] == "c" && systems[f[1]+" "+f[3]]:
		case f[2] == "sc":
			out[row] = fmt.Sprintf("%s %d", key("c", f[4]), h.Unit(f[3]))
		case f[2] == "c":
			out[row] = fmt.Sprintf("%s %d", key("c", f[3]), NoSystem)
		default:
			out[row] = key(f[2:]...) + " 0"
		}
	}
	return out
}

// beside lists the codes that have a system line, and the texts of the exact lines by their normalised form.
func beside(rows []string) (systems map[string]bool, exacts map[string]string) {
	systems, exacts = map[string]bool{}, map[string]string{}
	for _, row := range rows {
		f := strings.Fields(row)
		if f[0] != "T" {
			continue
		}
		if last := plain(f[len(f)-1]); f[2] == "sc" {
			systems[f[1]+" "+last] = true
		} else if strings.HasSuffix(f[2], ":exact") {
			exacts[Normalize(last)] = last
		}
	}
	return systems, exacts
}

func plain(s string) string {
	if s == "''" {
		return ""
	}
	return strings.ReplaceAll(s, "~", " ")
}

func valueText(t *testing.T, h Hasher, kind string, v []string) string {
	switch kind {
	case "R":
		return " " + plain(v[0])
	case "D":
		return fmt.Sprintf(" %d %d", instant(t, v[0]), instant(t, v[1]))
	case "N":
		var lo, hi float64
		fmt.Sscan(v[0], &lo)
		fmt.Sscan(v[1], &hi)
		return fmt.Sprintf(" %v %v %d %d", lo, hi, h.Unit(plain(v[2])), h.Unit(plain(v[3])))
	}
	return ""
}

// instant reads a moment with the time package, so not by what is tested.
func instant(t *testing.T, s string) int64 {
	switch s {
	case past:
		return math.MinInt64
	case future:
		return math.MaxInt64
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UnixMicro()
		}
	}
	t.Fatalf("%s is no moment", s)
	return 0
}

func sameRows(t *testing.T, got []string, want map[string]string) {
	t.Helper()
	for row, text := range want {
		if !slices.Contains(got, text) {
			t.Errorf("missing: %s", row)
		}
	}
	for _, text := range got {
		known := false
		for _, w := range want {
			known = known || w == text
		}
		if !known {
			t.Errorf("not expected: %s", text)
		}
	}
}

func TestExtractOfAnUnknownType(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Nosuch"}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Extract(r, Hasher{}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestParamsTellWhatIsThere(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Organization","name":"x","partOf":{"display":"only"}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := Extract(r, Hasher{})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, p := range r4.Params("Organization") {
		if slices.Contains(rows.Params, p.ID) {
			codes = append(codes, p.Code)
		}
	}
	if want := []string{"name", "phonetic"}; !slices.Equal(codes, want) {
		t.Errorf("%v, want %v", codes, want)
	}
}
