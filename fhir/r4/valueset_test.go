package r4

import "testing"

func TestValueSetCodes(t *testing.T) {
	for _, c := range []struct {
		url      string
		n        int
		complete bool
	}{
		{"http://hl7.org/fhir/ValueSet/administrative-gender", 4, true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", 4, true},
		{"http://hl7.org/fhir/ValueSet/observation-status", 8, true},
		{"http://hl7.org/fhir/ValueSet/resource-types", 148, true},
		{"http://hl7.org/fhir/ValueSet/units-of-time", 7, true},
		{"http://hl7.org/fhir/ValueSet/mimetypes", 0, false},
		{"http://hl7.org/fhir/ValueSet/currencies", 182, false},
		{"http://hl7.org/fhir/ValueSet/condition-code", 0, false},
	} {
		codes, complete := ValueSetCodes(c.url)
		if len(codes) != c.n || complete != c.complete {
			t.Errorf("%s: %d codes, complete %v", c.url, len(codes), complete)
		}
	}
}

func TestCodeSystemOf(t *testing.T) {
	for _, c := range [][3]string{
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "female", "http://hl7.org/fhir/administrative-gender"},
		{"http://hl7.org/fhir/ValueSet/units-of-time", "min", "http://unitsofmeasure.org"},
		{"http://hl7.org/fhir/ValueSet/all-types", "Patient", "http://hl7.org/fhir/resource-types"},
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "F", ""},
		{"http://example.org/none", "F", ""},
	} {
		if got, ok := CodeSystemOf(c[0], c[1]); got != c[2] || ok != (c[2] != "") {
			t.Errorf("%s in %s is of %q, want %q", c[1], c[0], got, c[2])
		}
	}
}

func TestElementCodes(t *testing.T) {
	gender := Lookup("Patient").Find("gender").Codes()
	if gender == nil || !gender.Has("male") || gender.Has("m") || !gender.Contains("http://hl7.org/fhir/administrative-gender", "male") || gender.Contains("x", "male") {
		t.Errorf("the codes of Patient.gender are %v", gender)
	}
	if Lookup("Attachment").Find("contentType").Codes() != nil || Lookup("Patient").Find("maritalStatus").Codes() != nil {
		t.Error("an open value set or a weaker binding has codes")
	}
}
