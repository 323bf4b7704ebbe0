package synth

import (
	"strconv"
	"strings"
	"time"
)

// bills writes prescriptions and the claims for them and for the visit.
func (c *chart) bills(what concept) {
	for range 2 {
		if !c.odds(60) {
			continue
		}
		id, drug := c.next("MedicationRequest"), drugs[c.rand.IntN(len(drugs))]
		c.add("MedicationRequest", id, profile("medicationrequest")+`,"status":"stopped","intent":"order","medicationCodeableConcept":`+coded(rxnorm, drug)+c.common()+`,"authoredOn":"`+instant(c.at)+
			`","requester":`+c.staff(c.doc)+`,"dosageInstruction":[{"sequence":1,"text":"as needed","timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"asNeededBoolean":true,"doseAndRate":[{"doseQuantity":{"value":1}}]}]`, "")
		c.claim("pharmacy", `,"prescription":`+c.ref("MedicationRequest", id), drug)
	}
	claim := c.claim("institutional", "", what)
	c.benefit(claim, what)
	if c.odds(10) {
		c.administration()
	}
}

func (c *chart) claim(kind, more string, what concept) string {
	id := c.next("Claim")
	c.add("Claim", id, `,"status":"active","type":`+coding(terms+"claim-type", kind)+`,"use":"claim","patient":`+c.self+`,"billablePeriod":`+c.period(20*time.Minute)+`,"created":"`+instant(c.at)+
		`","provider":`+c.site("Organization", c.place)+`,"priority":`+coding(terms+"processpriority", "normal")+more+`,"facility":`+c.site("Location", c.place)+
		`,"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"Mutual"}}],"item":[{"sequence":1,"productOrService":`+coded(snomed, what)+`,"encounter":[`+c.visit+
		`]},{"sequence":2,"productOrService":`+coded(snomed, acts[c.rand.IntN(len(acts))])+`,"net":{"value":`+money(c.rand, 300)+`,"currency":"USD"}}],"total":{"value":`+money(c.rand, 900)+`,"currency":"USD"}`, "")
	return id
}

// benefit is the answer to a claim, by far the largest of the common resources.
func (c *chart) benefit(claim string, what concept) {
	var items []string
	for n := 1; n <= 2; n++ {
		items = append(items, c.item(n, what))
	}
	staff := c.staff(c.doc)
	id := c.next("ExplanationOfBenefit")
	c.add("ExplanationOfBenefit", id, `,"contained":[{"resourceType":"ServiceRequest","id":"referral","status":"completed","intent":"order","subject":`+c.self+`,"requester":`+staff+`,"performer":[`+staff+
		`]},{"resourceType":"Coverage","id":"coverage","status":"active","type":{"text":"Mutual"},"beneficiary":`+c.self+`,"payor":[{"display":"Mutual"}]}],"identifier":[{"system":"https://bluebutton.cms.gov/resources/variables/clm_id","value":"`+claim+
		`"}],"status":"active","type":`+coding(terms+"claim-type", "institutional")+`,"use":"claim","patient":`+c.self+`,"billablePeriod":`+c.period(365*24*time.Hour)+`,"created":"`+instant(c.at)+
		`","insurer":{"display":"Mutual"},"provider":`+staff+`,"referral":{"reference":"#referral"},"facility":`+c.site("Location", c.place)+`,"claim":`+c.ref("Claim", claim)+
		`,"outcome":"complete","careTeam":[{"sequence":1,"provider":`+staff+`,"role":`+coded(terms+"claimcareteamrole", concept{"primary", "Primary Care Practitioner"})+`}],"insurance":[{"focal":true,"coverage":{"reference":"#coverage","display":"Mutual"}}],"item":[`+
		strings.Join(items, ",")+`],"total":[{"category":`+coded(terms+"adjudication", concept{"submitted", "Submitted Amount"})+`,"amount":{"value":`+money(c.rand, 900)+`,"currency":"USD"}}],"payment":{"amount":{"value":`+money(c.rand, 800)+`,"currency":"USD"}}`, "")
}

func (c *chart) item(n int, what concept) string {
	const base = "https://bluebutton.cms.gov/resources/variables/"
	var lines []string
	for _, kind := range []string{"line_bene_ptb_ddctbl_amt", "line_coinsrnc_amt", "line_nch_pmt_amt", "line_prcsg_ind_cd", "line_sbmtd_chrg_amt", "line_alowd_chrg_amt"} {
		lines = append(lines, `{"category":`+coded(base[:len(base)-1], concept{base + kind, "Line " + kind[5:]})+`,"amount":{"value":`+money(c.rand, 200)+`,"currency":"USD"}}`)
	}
	return `{"sequence":` + strconv.Itoa(n) + `,"category":` + coded(base+"line_cms_type_srvc_cd", concept{"1", "Medical care"}) + `,"productOrService":` + coded(snomed, what) + `,"servicedPeriod":` + c.period(20*time.Minute) +
		`,"locationCodeableConcept":` + coded(terms+"ex-serviceplace", concept{"21", "Inpatient Hospital"}) + `,"encounter":[` + c.visit + `],"net":{"value":` + money(c.rand, 300) + `,"currency":"USD"},"adjudication":[` + strings.Join(lines, ",") + `]}`
}

func (c *chart) administration() {
	id, drug := c.next("Medication"), drugs[c.rand.IntN(len(drugs))]
	c.add("Medication", id, profile("medication")+`,"code":`+coded(rxnorm, drug)+`,"status":"active"`, "")
	c.add("MedicationAdministration", c.next("MedicationAdministration"), `,"status":"completed","medicationCodeableConcept":`+coded(rxnorm, drug)+`,"subject":`+c.self+`,"context":`+c.visit+`,"effectiveDateTime":"`+instant(c.at)+`"`, "")
}
