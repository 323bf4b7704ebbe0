package validate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

// sd is a profile of the elements given, each a JSON object.
func sd(url, typ, form string, elements ...string) string {
	return fmt.Sprintf(`{"resourceType":"StructureDefinition","url":"%s","type":"%s","derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/%s","%s":{"element":[%s]}}`,
		url, typ, typ, form, strings.Join(elements, ","))
}

const (
	patientRoot = `{"path":"Patient"}`
	phone       = `{"system":"phone","value":"1"}`
	mail        = `{"system":"email","value":"a"}`
	fax         = `{"system":"fax","value":"f"}`
)

// telecoms is a profile that slices telecom by system.
func telecoms(rules string, ordered bool, more ...string) string {
	return sd("http://p", "Patient", "snapshot", append([]string{patientRoot,
		fmt.Sprintf(`{"path":"Patient.telecom","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"%s","ordered":%v}}`, rules, ordered),
		`{"path":"Patient.telecom","sliceName":"phone","min":1,"max":"1"}`, `{"path":"Patient.telecom.system","min":1,"fixedCode":"phone"}`,
		`{"path":"Patient.telecom","sliceName":"mail","max":"1"}`, `{"path":"Patient.telecom.system","min":1,"patternCode":"email"}`}, more...)...)
}

// based is a profile without snapshot whose base slices telecom.
func based(elements ...string) string {
	base := strings.Replace(telecoms("open", false), "http://p", "http://b", 1)
	return strings.Replace(sd("http://p", "Patient", "differential", append([]string{patientRoot}, elements...)...), structures+"Patient", "http://b", 1) + "\n" + base
}

func telecom(list ...string) string {
	return `{"resourceType":"Patient","telecom":[` + strings.Join(list, ",") + `]}`
}

func checkWith(t *testing.T, profile, resource string) string {
	t.Helper()
	known := map[string]fhir.Resource{}
	for text := range strings.SplitSeq(profile, "\n") {
		p, err := fhir.Parse([]byte(text), fhir.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		known[p.Get("url").Str()] = p
	}
	r, err := fhir.Parse([]byte(resource), fhir.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", resource, err)
	}
	v := New(Options{Definitions: func(url string) (fhir.Resource, bool) { p, ok := known[url]; return p, ok }})
	var out []string
	for _, i := range checked(t, v, r, "http://p") {
		if !i.Warning {
			out = append(out, i.Code+" "+i.Expression)
		}
	}
	return strings.Join(out, "; ")
}

// TestVersionsOfProfiles wants the version that a canonical url asks for, or to be told which one is there
// (https://hl7.org/fhir/R4/references.html#canonical).
func TestVersionsOfProfiles(t *testing.T) {
	const vitals, bare = structures + "vitalsigns", structures + "Patient"
	claims := func(profile string) string {
		return `{"resourceType":"Patient","meta":{"profile":["` + profile + `"]}}`
	}
	for _, c := range []struct{ profile, named, want string }{
		{vitals + "|4.0.1", "", "is for Observation"}, {"", vitals + "|4.0.1", "is for Observation"},
		{vitals + "|9", "", "error=false the profile " + vitals + " is not loaded in version 9, but in 4.0.1, so this was not checked against it"},
		{"", vitals + "|9", "error=true the profile " + vitals + " is not loaded in version 9, but in 4.0.1: add the package that has it"},
		{bare + "|4.0.1", "", ""}, {"", bare + "|4.0.1", ""},
		{bare + "|5.0.0", "", "error=false the profile " + bare + " is not loaded in version 5.0.0, but in 4.0.1"},
		{"", bare + "|5.0.0", "error=true the profile " + bare + " is not loaded in version 5.0.0, but in 4.0.1"},
		{"http://none.test/p|1", "", "error=false the profile http://none.test/p|1 is not loaded, so"},
	} {
		r, err := fhir.Parse([]byte(claims(c.profile)), fhir.Limits{})
		if c.profile == "" {
			r, err = fhir.Parse([]byte(`{"resourceType":"Patient"}`), fhir.Limits{})
		}
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		if c.named != "" {
			named = []string{c.named}
		}
		said := ""
		for _, i := range checked(t, New(Options{}), r, named...) {
			if !strings.HasPrefix(i.Text, "dom-6") {
				said += fmt.Sprintf("error=%t %s\n", !i.Warning, i.Text)
			}
		}
		if c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%+v: %s", c, said)
		}
	}
}

func TestProfiles(t *testing.T) {
	element := func(e string) string { return sd("http://p", "Patient", "snapshot", patientRoot, e) }
	for _, c := range []struct{ name, profile, resource, want string }{
		{"slices", telecoms("open", false), telecom(phone, mail, fax), ""},
		{"slice missing", telecoms("open", false), telecom(mail), "required Patient.telecom"},
		{"slice twice", telecoms("open", false), telecom(phone, phone), "structure Patient.telecom"},
		{"closed", telecoms("closed", false), telecom(phone, fax), "structure Patient.telecom[1]"},
		{"open at end", telecoms("openAtEnd", false), telecom(phone, fax), ""},
		{"not at end", telecoms("openAtEnd", false), telecom(fax, phone), "structure Patient.telecom[1]"},
		{"ordered", telecoms("open", true), telecom(phone, mail), ""},
		{"out of order", telecoms("open", true), telecom(mail, phone), "structure Patient.telecom[1]"},
		{"resliced", telecoms("open", false, `{"path":"Patient.telecom","sliceName":"phone/home","min":1}`, `{"path":"Patient.telecom.use","min":1,"fixedCode":"home"}`), telecom(phone), "required Patient.telecom"},

		{"slices of the base", based(`{"path":"Patient.telecom","sliceName":"phone","max":"1"}`, `{"path":"Patient.telecom.value","min":1}`), telecom(phone, mail, fax), ""},
		{"slices of the base, broken", based(`{"path":"Patient.telecom","sliceName":"phone","max":"1"}`, `{"path":"Patient.telecom.value","min":1}`), telecom(`{"system":"phone"}`), "required Patient.telecom[0].value"},
		{"a slice that the base has not", based(`{"path":"Patient.telecom","sliceName":"fax","max":"1"}`, `{"path":"Patient.telecom.system","min":1,"fixedCode":"fax"}`, `{"path":"Patient.telecom.use","min":1}`), telecom(phone, fax), "required Patient.telecom[1].use"},
		{"by existence", sd("http://p", "Patient", "snapshot", patientRoot,
			`{"path":"Patient.name","slicing":{"discriminator":[{"type":"exists","path":"family"}],"rules":"open"}}`,
			`{"path":"Patient.name","sliceName":"with","min":1,"max":"1"}`, `{"path":"Patient.name.family","min":1,"max":"1"}`),
			`{"resourceType":"Patient","name":[{"text":"a"},{"family":"b"}]}`, ""},
		{"by type", sd("http://p", "Patient", "snapshot", patientRoot,
			`{"path":"Patient.deceased[x]","slicing":{"discriminator":[{"type":"type","path":"$this"}],"rules":"closed"}}`,
			`{"path":"Patient.deceased[x]","sliceName":"deceasedBoolean","type":[{"code":"boolean"}]}`),
			`{"resourceType":"Patient","deceasedDateTime":"2020"}`, "structure Patient.deceased"},
		{"by pattern", sd("http://p", "Patient", "snapshot", patientRoot,
			`{"path":"Patient.identifier","slicing":{"discriminator":[{"type":"pattern","path":"type"}],"rules":"open"}}`,
			`{"path":"Patient.identifier","sliceName":"mr","min":1}`,
			`{"path":"Patient.identifier.type","min":1,"patternCodeableConcept":{"coding":[{"code":"MR"}]}}`),
			`{"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"SS"},{"code":"MR","display":"x"}]},"value":"1"}]}`, ""},
		{"by the profile of a target", sd("http://p", "Patient", "snapshot", patientRoot,
			`{"path":"Patient.generalPractitioner","slicing":{"discriminator":[{"type":"profile","path":"resolve()"}],"rules":"open"}}`,
			`{"path":"Patient.generalPractitioner","sliceName":"org","min":1,"type":[{"code":"Reference","targetProfile":["http://o"]}]}`) + "\n" +
			sd("http://o", "Organization", "snapshot", `{"path":"Organization"}`, `{"path":"Organization.active","min":1}`),
			`{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x","active":true}],"generalPractitioner":[{"reference":"#o"}]}`, ""},

		{"fixed", element(`{"path":"Patient.gender","fixedCode":"male"}`), `{"resourceType":"Patient","gender":"female"}`, "value Patient.gender"},
		{"fixed whole", element(`{"path":"Patient.maritalStatus","fixedCodeableConcept":{"text":"x"}}`), `{"resourceType":"Patient","maritalStatus":{"text":"x","id":"a"}}`, "value Patient.maritalStatus"},
		{"pattern", element(`{"path":"Patient.maritalStatus","patternCodeableConcept":{"text":"x"}}`), `{"resourceType":"Patient","maritalStatus":{"text":"x","id":"a"}}`, ""},
		{"too often", element(`{"path":"Patient.name","max":"1"}`), `{"resourceType":"Patient","name":[{"text":"a"},{"text":"b"}]}`, "structure Patient.name"},
		{"forbidden", element(`{"path":"Patient.photo","max":"0"}`), `{"resourceType":"Patient","photo":[{"title":"a"}]}`, "structure Patient.photo"},
		{"missing", element(`{"path":"Patient.birthDate","min":1}`), `{"resourceType":"Patient"}`, "required Patient.birthDate"},
		{"there by its extension", element(`{"path":"Patient.birthDate","min":1}`), `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}`, ""},
		{"too long", element(`{"path":"Patient.name.family","maxLength":3}`), `{"resourceType":"Patient","name":[{"family":"abcd"}]}`, "value Patient.name[0].family"},
		{"too early", element(`{"path":"Patient.birthDate","minValueDate":"1900-01-01"}`), `{"resourceType":"Patient","birthDate":"1899-12-31"}`, "value Patient.birthDate"},
		{"invariant", sd("http://p", "Patient", "snapshot", `{"path":"Patient","constraint":[{"key":"x-1","severity":"error","human":"h","expression":"gender.exists() or birthDate.exists()"}]}`),
			`{"resourceType":"Patient"}`, "invariant Patient"},
		{"invariant as a warning", sd("http://p", "Patient", "snapshot", `{"path":"Patient","constraint":[{"key":"x-1","severity":"warning","human":"h","expression":"gender.exists()"}]}`),
			`{"resourceType":"Patient"}`, ""},
		{"binding", element(`{"path":"Patient.maritalStatus","binding":{"strength":"required","valueSet":"http://hl7.org/fhir/ValueSet/address-type"}}`),
			`{"resourceType":"Patient","maritalStatus":{"coding":[{"system":"http://hl7.org/fhir/address-type","code":"x"}]}}`, "code-invalid Patient.maritalStatus"},
		{"largest binding", element(`{"path":"Patient.maritalStatus","binding":{"strength":"preferred","valueSet":"http://hl7.org/fhir/ValueSet/marital-status","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet","valueCanonical":"http://hl7.org/fhir/ValueSet/address-type"}]}}`),
			`{"resourceType":"Patient","maritalStatus":{"coding":[{"system":"http://hl7.org/fhir/address-type","code":"x"}]}}`, "code-invalid Patient.maritalStatus"},
		{"largest binding of a text", element(`{"path":"Patient.maritalStatus","binding":{"strength":"preferred","valueSet":"http://hl7.org/fhir/ValueSet/marital-status","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet","valueCanonical":"http://hl7.org/fhir/ValueSet/address-type"}]}}`),
			`{"resourceType":"Patient","maritalStatus":{"text":"x"}}`, ""},
		{"language", element(`{"path":"Patient.active"}`), `{"resourceType":"Patient","language":"de-AT","communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"zh-Hant-TW"}]}}]}`, ""},
		{"no language", element(`{"path":"Patient.active"}`), `{"resourceType":"Patient","language":"English"}`, "code-invalid Patient.language"},
		{"type of a choice", element(`{"path":"Patient.multipleBirth[x]","type":[{"code":"boolean"}]}`), `{"resourceType":"Patient","multipleBirthInteger":2}`, "structure Patient.multipleBirth"},
		{"of another type", sd("http://p", "Observation", "snapshot", `{"path":"Observation"}`), `{"resourceType":"Patient"}`, "structure Patient"},
		{"target of a reference", element(`{"path":"Patient.generalPractitioner","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Organization"]}]}`),
			`{"resourceType":"Patient","generalPractitioner":[{"reference":"Practitioner/1"}]}`, "value Patient.generalPractitioner[0]"},
		{"differential alone", sd("http://p", "Patient", "differential", `{"path":"Patient.contact.name","min":1}`), `{"resourceType":"Patient","contact":[{"telecom":[` + phone + `]}]}`, "required Patient.contact[0].name"},
		{"root of its own profile", sd("http://p", "Patient", "snapshot", `{"path":"Patient","type":[{"code":"Patient","profile":["http://p"]}]}`,
			`{"path":"Patient.name","slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"open"}}`, `{"path":"Patient.name","sliceName":"x","type":[{"code":"HumanName","profile":["http://p"]}]}`),
			`{"resourceType":"Patient","name":[{"use":"usual"}]}`, ""},
		{"not loaded", sd("http://q", "Patient", "snapshot", patientRoot), `{"resourceType":"Patient"}`, "not-found Patient"},
		{"of itself", sd("http://p", "Patient", "snapshot", patientRoot, `{"path":"Patient.contained","type":[{"code":"Patient","profile":["http://p"]}]}`),
			`{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"#"},"type":"refer"}]}]}`, ""},
	} {
		if got := checkWith(t, c.profile, c.resource); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestExtensions(t *testing.T) {
	nationality := func(parts string) string {
		return `{"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-nationality","extension":[` + parts + `]}]}`
	}
	const birthPlace = `"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","value%s}]`
	for _, c := range []struct{ name, resource, want string }{
		{"as defined", `{"resourceType":"Patient",` + fmt.Sprintf(birthPlace, `Address":{"city":"A"}`) + `}`, ""},
		{"of another type", `{"resourceType":"Patient",` + fmt.Sprintf(birthPlace, `String":"A"`) + `}`, "structure Patient.extension[0].value"},
		{"at another place", `{"resourceType":"Patient","name":[{` + fmt.Sprintf(birthPlace, `Address":{"city":"A"}`) + `}]}`, "extension Patient.name[0].extension[0]"},
		{"as a modifier", `{"resourceType":"Patient","modifierExtension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"A"}}]}`, "extension Patient.modifierExtension[0]"},
		{"url not absolute", `{"resourceType":"Patient","extension":[{"url":"birthPlace","valueString":"A"}]}`, "value Patient.extension[0]"},
		{"in an element of its context", `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2020-01-01T10:00:00Z"}]}}`, ""},
		{"its parts", nationality(`{"url":"code","valueCodeableConcept":{"text":"x"}},{"url":"period","valuePeriod":{"start":"2020"}}`), ""},
		{"a part that it has not", nationality(`{"url":"code","valueCodeableConcept":{"text":"x"}},{"url":"foo","valueString":"x"}`), "extension Patient.extension[0].extension[1]"},
		{"an extension from elsewhere in it", nationality(`{"url":"code","valueCodeableConcept":{"text":"x"}},{"url":"http://unknown.test/x","valueString":"x"}`), ""},
		{"not known, with parts", `{"resourceType":"Patient","extension":[{"url":"http://unknown.test/x","extension":[{"url":"a","valueString":"A"}]}]}`, ""},
		{"not known", `{"resourceType":"Patient","extension":[{"url":"http://unknown.test/x","valueString":"A"}]}`, ""},
	} {
		v := New(Options{})
		r, err := fhir.Parse([]byte(c.resource), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range checked(t, v, r) {
			if !i.Warning {
				got = append(got, i.Code+" "+i.Expression)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %v, want %q", c.name, got, c.want)
		}
	}
}

// The parts of an extension are those of its definition: of a differential, of its base, and of the parts themselves.
func TestParts(t *testing.T) {
	part := func(at, name string) string {
		return `{"path":"` + at + `.extension","sliceName":"` + name + `"},{"path":"` + at + `.extension.url","min":1,"fixedUri":"` + name + `"}`
	}
	whole := sd("http://x", "Extension", "snapshot", `{"path":"Extension"}`, `{"path":"Extension.extension"}`, part("Extension", "a"), part("Extension.extension", "deep"), part("Extension", "b"))
	heir := strings.Replace(sd("http://p", "Extension", "differential", `{"path":"Extension"}`, `{"path":"Extension.extension"}`, part("Extension", "a")), structures+"Extension", "http://x", 1)
	lost := strings.Replace(heir, "http://x", "http://gone", 1)
	known := map[string]fhir.Resource{}
	for _, text := range []string{whole, heir, strings.Replace(lost, "http://p", "http://lost", 1)} {
		r, err := fhir.Parse([]byte(text), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		known[r.Get("url").Str()] = r
	}
	v := New(Options{Definitions: func(url string) (fhir.Resource, bool) { r, ok := known[url]; return r, ok }})
	a := func(url string) string { return `{"url":"a","extension":[{"url":"` + url + `","valueString":"x"}]}` }
	for _, c := range []struct{ url, parts, want string }{
		{"http://x", a("deep") + `,{"url":"b","valueString":"x"}`, ""},
		{"http://x", a("bogus"), "extension Patient.extension[0].extension[0].extension[0]"},
		{"http://x", `{"url":"deep","valueString":"x"}`, "extension Patient.extension[0].extension[0]"},
		{"http://p", `{"url":"b","valueString":"x"}`, ""},
		{"http://p", `{"url":"c","valueString":"x"}`, "extension Patient.extension[0].extension[0]"},
		{"http://lost", `{"url":"c","valueString":"x"}`, ""},
	} {
		r, err := fhir.Parse([]byte(`{"resourceType":"Patient","extension":[{"url":"`+c.url+`","extension":[`+c.parts+`]}]}`), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range checked(t, v, r) {
			if !i.Warning {
				got = append(got, i.Code+" "+i.Expression)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s %s: %v, want %q", c.url, c.parts, got, c.want)
		}
	}
}

// Which profile a target does not meet is said, and why.
func TestReasons(t *testing.T) {
	known := map[string]fhir.Resource{}
	for _, text := range []string{
		sd("http://p", "Patient", "snapshot", patientRoot, `{"path":"Patient.managingOrganization","type":[{"code":"Reference","targetProfile":["http://o"]}]}`),
		sd("http://o", "Organization", "snapshot", `{"path":"Organization","constraint":[{"key":"o-17","severity":"error","human":"is active","expression":"active.exists()"}]}`),
	} {
		r, err := fhir.Parse([]byte(text), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		known[r.Get("url").Str()] = r
	}
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x"}],"managingOrganization":{"reference":"#o"}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	v := New(Options{Definitions: func(url string) (fhir.Resource, bool) { r, ok := known[url]; return r, ok }})
	var got []string
	for _, i := range checked(t, v, r, "http://p") {
		if !i.Warning {
			got = append(got, i.Text)
		}
	}
	if want := "what the reference points to meets none of the profiles that are allowed here: http://o (o-17: is active) (profile http://p)"; strings.Join(got, "; ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What could not be checked is said, and is no error.
func TestWhatWasNotCheckedIsSaid(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Condition","meta":{"profile":["http://unknown.test/p"]},"subject":{"display":"x"},
		"code":{"coding":[{"system":"http://snomed.info/sct","code":"73211009"}]}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	profile, binding := 0, 0
	for _, i := range checked(t, New(Options{}), r) {
		switch {
		case !i.Warning:
			t.Errorf("%+v", i)
		case i.Info && strings.Contains(i.Text, "http://unknown.test/p"):
			profile++
		case i.Info && i.Code == "not-supported":
			binding++
		}
	}
	obs, err := fhir.Parse([]byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"bodySite":{"coding":[{"system":"http://snomed.info/sct","code":"73211009"}]},
		"interpretation":[{"coding":[{"system":"http://unknown.test","code":"x"}]}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range checked(t, New(Options{}), obs) {
		if i.Code == "code-invalid" && i.Warning {
			binding++
		}
	}
	if profile != 1 || binding == 0 {
		t.Errorf("profile %d, binding %d", profile, binding)
	}
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte(telecoms("closed", true)), []byte(telecom(phone, mail)))
	f.Fuzz(func(t *testing.T, profile, resource []byte) {
		p, err := fhir.Parse(profile, fhir.Limits{})
		if err != nil {
			return
		}
		r, err := fhir.Parse(resource, fhir.Limits{})
		if err != nil {
			return
		}
		v := New(Options{Definitions: func(url string) (fhir.Resource, bool) { return p, url == "http://p" }})
		checked(t, v, r, "http://p")
	})
}

// TestAnIssueNamesTheProfileThatAsks has a profile, its base and an extension ask for what is not there.
func TestAnIssueNamesTheProfileThatAsks(t *testing.T) {
	closed := strings.Replace(telecoms("closed", false, `{"path":"Patient.birthDate","min":1}`), `"http://p"`, `"http://b"`, 1)
	profile := strings.Replace(sd("http://p", "Patient", "differential", patientRoot, `{"path":"Patient.name","min":1}`), structures+"Patient", "http://b", 1)
	known := map[string]fhir.Resource{}
	for url, text := range map[string]string{"http://p": profile, "http://b": closed} {
		known[url] = parsed(t, text)
	}
	v := New(Options{Definitions: func(url string) (fhir.Resource, bool) { p, ok := known[url]; return p, ok }})
	got := map[string]bool{}
	for _, i := range checked(t, v, parsed(t, telecom(fax)), "http://p", "http://b") {
		if !i.Warning && i.Code != "invariant" {
			got[i.Text] = true
		}
	}
	for _, want := range []string{
		"name is required here (profile http://p)", "birthDate is required here (profile http://b)", "telecom:phone is required here (profile http://b)",
		"this matches none of the slices of telecom (phone, mail), and no others are allowed here (profile http://b)",
	} {
		if !got[want] {
			t.Errorf("not told: %s", want)
		}
	}
	if len(got) != 4 {
		t.Errorf("told: %v", got)
	}
}

func parsed(t *testing.T, text string) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(text), fhir.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}
