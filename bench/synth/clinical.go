package synth

import (
	"fmt"
	"strings"
	"time"
)

func (c *chart) observations() {
	for range perEncounter {
		id := c.next("Observation")
		c.reports = append(c.reports, c.ref("Observation", id))
		c.add("Observation", id, c.observation(c.common()), "")
	}
}

// observation is a measured value; about says whose.
func (c *chart) observation(about string) string {
	m := measures[c.rand.IntN(len(measures))]
	head := profile("observation-lab") + `,"status":"final","category":[` + coded(terms+"observation-category", concept{"laboratory", "Laboratory"}) + `]`
	times := `,"effectiveDateTime":"` + instant(c.at) + `","issued":"` + c.at.Format("2006-01-02T15:04:05.000-05:00") + `"`
	if c.odds(8) {
		part := func(code, text string, low float64) string {
			return `{"code":` + coded(loinc, concept{code, text}) + `,"valueQuantity":` + amount(low+c.rand.Float64()*50, "mm[Hg]") + `}`
		}
		return head + `,"code":` + coded(loinc, concept{"85354-9", "blood pressure"}) + about + times + `,"component":[` + part("8462-4", "diastolic", 60) + `,` + part("8480-6", "systolic", 95) + `]`
	}
	return head + `,"code":` + coded(loinc, m.concept) + about + times + `,"valueQuantity":` + amount(m.low+c.rand.Float64()*(m.top-m.low), m.unit)
}

func amount(value float64, unit string) string {
	return fmt.Sprintf(`{"value":%.4f,"unit":"%s","system":"%s","code":"%s"}`, value, unit, ucum, unit)
}

func (c *chart) findings(why concept) {
	for n := range 2 {
		if n == 0 || c.odds(70) {
			c.report(n)
		}
	}
	c.document()
	if c.odds(31) {
		c.add("Condition", c.next("Condition"), profile("condition")+`,"clinicalStatus":`+coding(terms+"condition-clinical", "resolved")+`,"verificationStatus":`+coding(terms+"condition-ver-status", "confirmed")+
			`,"category":[`+coded(terms+"condition-category", concept{"encounter-diagnosis", "Encounter Diagnosis"})+`],"code":`+coded(snomed, why)+c.common()+`,"onsetDateTime":"`+instant(c.at)+
			`","abatementDateTime":"`+instant(c.at.AddDate(0, 1, 0))+`","recordedDate":"`+instant(c.at)+`"`, "")
	}
}

// report is first a panel of results, then a note.
func (c *chart) report(n int) {
	tail := `,"performer":[` + c.site("Organization", c.place) + `],"result":[` + strings.Join(c.reports, ",") + `]`
	what, kind := concept{"51990-0", "basic panel"}, concept{"LAB", "Laboratory"}
	if n == 1 {
		what, kind = concept{"34117-2", "history and physical note"}, concept{"34117-2", "history and physical note"}
		tail = `,"performer":[` + c.staff(c.doc) + `],"presentedForm":[{"contentType":"text/plain; charset=utf-8","data":"` + note(c.rand, 1400) + `"}]`
	}
	c.add("DiagnosticReport", c.next("DiagnosticReport"), profile("diagnosticreport-lab")+`,"status":"final","category":[`+coded(terms+"v2-0074", kind)+`],"code":`+coded(loinc, what)+c.common()+
		`,"effectiveDateTime":"`+instant(c.at)+`","issued":"`+c.at.Format("2006-01-02T15:04:05.000-05:00")+`"`+tail, "")
}

func (c *chart) document() {
	id := c.next("DocumentReference")
	c.add("DocumentReference", id, profile("documentreference")+`,"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:`+id+`"}],"status":"superseded","type":`+
		coded(loinc, concept{"34117-2", "history and physical note"})+`,"category":[`+coded("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", concept{"clinical-note", "Clinical Note"})+
		`],"subject":`+c.self+`,"date":"`+c.at.Format("2006-01-02T15:04:05.000-05:00")+`","author":[`+c.staff(c.doc)+`],"custodian":`+c.site("Organization", c.place)+
		`,"content":[{"attachment":{"contentType":"text/plain; charset=utf-8","data":"`+note(c.rand, 1400)+`"},"format":{"system":"http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem","code":"urn:ihe:iti:xds:2017:mimeTypeSufficient"}}],"context":{"encounter":[`+
		c.visit+`],"period":`+c.period(20*time.Minute)+`}`, "")
}

func (c *chart) treatment() {
	if c.odds(80) {
		c.add("Procedure", c.next("Procedure"), profile("procedure")+`,"status":"completed","code":`+coded(snomed, acts[c.rand.IntN(len(acts))])+c.common()+`,"performedPeriod":`+c.period(15*time.Minute)+
			`,"location":`+c.site("Location", c.place), "")
	}
	if c.odds(34) {
		c.add("Immunization", c.next("Immunization"), profile("immunization")+`,"status":"completed","vaccineCode":`+coded("http://hl7.org/fhir/sid/cvx", vaccines[c.rand.IntN(len(vaccines))])+
			`,"patient":`+c.self+`,"encounter":`+c.visit+`,"occurrenceDateTime":"`+instant(c.at)+`","primarySource":true,"location":`+c.site("Location", c.place), "")
	}
	if c.odds(36) {
		c.add("SupplyDelivery", c.next("SupplyDelivery"), `,"status":"completed","patient":`+c.self+`,"type":`+coded(terms+"supply-item-type", concept{"device", "Device"})+
			`,"suppliedItem":{"quantity":{"value":1},"itemCodeableConcept":`+coded(snomed, concept{"337388004", "test strips"})+`},"occurrenceDateTime":"`+instant(c.at)+`"`, "")
	}
	if c.odds(6) {
		c.imaging()
	}
}

func (c *chart) imaging() {
	var instances []string
	for n := range 20 {
		instances = append(instances, fmt.Sprintf(`{"uid":"1.2.840.99999999.1.%d.%d","sopClass":{"system":"urn:ietf:rfc:3986","code":"urn:oid:1.2.840.10008.5.1.4.1.1.1.1"},"number":%d,"title":"image"}`, c.rand.Uint32(), n, n+1))
	}
	c.add("ImagingStudy", c.next("ImagingStudy"), `,"status":"available"`+c.common()+`,"started":"`+instant(c.at)+`","numberOfSeries":1,"numberOfInstances":20,"location":`+c.site("Location", c.place)+
		fmt.Sprintf(`,"series":[{"uid":"1.2.840.99999999.1.%d","number":1,"modality":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"DX"},"numberOfInstances":20,"bodySite":{"system":"%s","code":"51185008","display":"chest"},"started":"%s","instance":[%s]}]`,
			c.rand.Uint32(), snomed, instant(c.at), strings.Join(instances, ",")), "")
}

// care is what a patient has once.
func (c *chart) care(at time.Time) {
	c.at = at
	team := c.next("CareTeam")
	c.add("CareTeam", team, profile("careteam")+`,"status":"active"`+c.common()+`,"period":{"start":"`+instant(at)+`"},"participant":[{"role":[`+coded(snomed, concept{"116154003", "Patient"})+`],"member":`+c.self+
		`},{"role":[`+coded(snomed, concept{"223366009", "Healthcare professional"})+`],"member":`+c.staff(c.doc)+`}],"managingOrganization":[`+c.site("Organization", c.place)+`]`, "")
	c.add("CarePlan", c.next("CarePlan"), profile("careplan")+`,"status":"active","intent":"order","category":[`+coded(snomed, concept{"735321000", "self care"})+`]`+c.common()+`,"period":{"start":"`+instant(at)+
		`"},"careTeam":[`+c.ref("CareTeam", team)+`],"activity":[{"detail":{"code":`+coded(snomed, acts[0])+`,"status":"in-progress","location":{"display":"Hospital"}}},{"detail":{"code":`+coded(snomed, acts[1])+`,"status":"in-progress","location":{"display":"Hospital"}}}]`, "")
	if c.odds(13) {
		c.add("AllergyIntolerance", c.next("AllergyIntolerance"), profile("allergyintolerance")+`,"clinicalStatus":`+coding(terms+"allergyintolerance-clinical", "active")+`,"verificationStatus":`+coding(terms+"allergyintolerance-verification", "confirmed")+
			`,"type":"allergy","category":["food"],"criticality":"low","code":`+coded(snomed, concept{"91934008", "nut allergy"})+`,"patient":`+c.self+`,"recordedDate":"`+instant(at)+`"`, "")
	}
	c.add("Provenance", c.next("Provenance"), profile("provenance")+`,"target":[`+c.self+`,`+c.visit+`],"recorded":"`+instant(at)+`","agent":[{"type":`+coded(terms+"provenance-participant-type", concept{"author", "Author"})+
		`,"who":`+c.staff(c.doc)+`,"onBehalfOf":`+c.site("Organization", c.place)+`}]`, "")
}
