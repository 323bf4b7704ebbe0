package store

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// care says by which search parameters it is known when the care that a resource is about took place, which is what start and
// end of $everything ask for ("care dates, not record currency dates": https://hl7.org/fhir/R4/operation-patient-everything.html).
// Of dates the first one that a resource has counts: what happened rather than its record, an order by when it was written.
type care struct {
	dates []string
	lasts bool   // from that date on
	until string // what lasts: up to this date, if the resource has it
}

// careOf has the types that can be in a compartment and have such a date; the others, and resources that have none of
// the dates, are found whatever is asked for.
var careOf = map[string]care{
	"Account":                     {dates: []string{"period"}},
	"AdverseEvent":                {dates: []string{"date"}},
	"AllergyIntolerance":          {dates: []string{"date"}, lasts: true},
	"Appointment":                 {dates: []string{"date"}},
	"AuditEvent":                  {dates: []string{"date"}},
	"Basic":                       {dates: []string{"created"}},
	"CarePlan":                    {dates: []string{"date", "activity-date"}},
	"CareTeam":                    {dates: []string{"date"}},
	"ChargeItem":                  {dates: []string{"occurrence", "entered-date"}},
	"Claim":                       {dates: []string{"created"}},
	"ClaimResponse":               {dates: []string{"created"}},
	"ClinicalImpression":          {dates: []string{"date"}},
	"Communication":               {dates: []string{"sent", "received"}},
	"CommunicationRequest":        {dates: []string{"authored", "occurrence"}},
	"Composition":                 {dates: []string{"period", "date"}},
	"Condition":                   {dates: []string{"onset-date", "recorded-date"}, lasts: true, until: "abatement-date"},
	"Consent":                     {dates: []string{"date"}},
	"CoverageEligibilityRequest":  {dates: []string{"created"}},
	"CoverageEligibilityResponse": {dates: []string{"created"}},
	"DetectedIssue":               {dates: []string{"identified"}},
	"DeviceRequest":               {dates: []string{"authored-on", "event-date"}},
	"DiagnosticReport":            {dates: []string{"date", "issued"}},
	"DocumentManifest":            {dates: []string{"created"}},
	"DocumentReference":           {dates: []string{"period", "date"}},
	"Encounter":                   {dates: []string{"date", "location-period"}},
	"EpisodeOfCare":               {dates: []string{"date"}},
	"ExplanationOfBenefit":        {dates: []string{"created"}},
	"FamilyMemberHistory":         {dates: []string{"date"}},
	"Flag":                        {dates: []string{"date"}},
	"Goal":                        {dates: []string{"start-date"}, lasts: true, until: "target-date"},
	"ImagingStudy":                {dates: []string{"started"}},
	"Immunization":                {dates: []string{"date"}},
	"ImmunizationEvaluation":      {dates: []string{"date"}},
	"ImmunizationRecommendation":  {dates: []string{"date"}},
	"Invoice":                     {dates: []string{"date"}},
	"List":                        {dates: []string{"date"}},
	"MeasureReport":               {dates: []string{"period", "date"}},
	"Media":                       {dates: []string{"created"}},
	"MedicationAdministration":    {dates: []string{"effective-time"}},
	"MedicationDispense":          {dates: []string{"whenhandedover", "whenprepared"}},
	"MedicationRequest":           {dates: []string{"authoredon", "date"}},
	"MedicationStatement":         {dates: []string{"effective"}},
	"NutritionOrder":              {dates: []string{"datetime"}},
	"Observation":                 {dates: []string{"date"}},
	"Procedure":                   {dates: []string{"date"}},
	"Provenance":                  {dates: []string{"when", "recorded"}},
	"QuestionnaireResponse":       {dates: []string{"authored"}},
	"RequestGroup":                {dates: []string{"authored"}},
	"ResearchSubject":             {dates: []string{"date"}},
	"RiskAssessment":              {dates: []string{"date"}},
	"Schedule":                    {dates: []string{"date"}},
	"ServiceRequest":              {dates: []string{"authored", "occurrence"}},
	"Specimen":                    {dates: []string{"collected"}},
	"SupplyRequest":               {dates: []string{"date"}},
	"VisionPrescription":          {dates: []string{"datewritten"}},
}

// careClauses are met by what took place between start and end, either of which may be empty, or at no stated time.
func careClauses(typ, start, end string) (out []search.Clause, err error) {
	c, has := careOf[typ]
	if !has {
		return nil, nil
	}
	from, to := bound("ge", start), bound("le", end)
	if !c.lasts {
		return firstDate(typ, c.dates, append(from, to...))
	}
	if out, err = firstDate(typ, c.dates, to); err != nil || c.until == "" {
		return out, err
	}
	last, err := firstDate(typ, []string{c.until}, from)
	return append(out, last...), err
}

func bound(prefix, date string) []string {
	if date == "" {
		return nil
	}
	return []string{prefix + date}
}

// firstDate is met where the first of the dates that a resource has is within all bounds, or it has none of them.
func firstDate(typ string, codes, bounds []string) ([]search.Clause, error) {
	if len(codes) == 0 || len(bounds) == 0 {
		return nil, nil
	}
	var pairs []search.Pair
	for _, b := range bounds {
		pairs = append(pairs, search.Pair{Name: codes[0], Value: b})
	}
	within, err := clausesOf(typ, pairs)
	if err != nil {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "value", Expression: "http.start", Text: "start and end must be dates, such as 2026-01-31"})
	}
	without, err := clausesOf(typ, []search.Pair{{Name: codes[0] + ":missing", Value: "true"}})
	if err != nil {
		return nil, err
	}
	next, err := firstDate(typ, codes[1:], bounds)
	if err != nil {
		return nil, err
	}
	group := func(form search.Form, sub ...search.Clause) search.Clause {
		return search.Clause{Form: form, Type: typ, Name: codes[0], Sub: sub}
	}
	return []search.Clause{group(search.Any, group(search.All, within...), group(search.All, append(without, next...)...))}, nil
}
