package searchcheck

import (
	"slices"
	"strings"
)

// kind is how a parameter compares.
type kind string

const (
	token     kind = "token"
	contact   kind = "contact" // a token whose values are ContactPoints
	text      kind = "string"
	date      kind = "date"
	number    kind = "number"
	quantity  kind = "quantity"
	reference kind = "reference"
	uri       kind = "uri"
	composite kind = "composite"
)

// param is one line of the table.
type param struct {
	typ, code string
	kind      kind
	paths     []path
	system    string    // of the codes of an element of type code; "?" if we do not say
	parts     [2]*param // of a composite, seen from the element that paths lead to
}

// path leads from a resource to values: names, each with an optional condition
// on a member, such as telecom(system=phone).value; [Type] at the end keeps
// references to that type; ? in front asks whether the value is there and not false.
type path struct {
	steps []step
	to    string // type of the reference
	there bool
}

type step struct{ name, key, value string }

// table names, for the types that Synthea writes and those of the examples of R4, the elements of search
// parameters, as its page in the standard shows them (https://hl7.org/fhir/R4/searchparameter-registry.html):
// type, code, kind, paths, and for elements of type code their system. The parts of a composite follow
// the element in which both must stand; . is the resource.
const table = `
* _id token id ?
* _profile uri meta.profile

Patient identifier token identifier
Patient name string name
Patient family string name.family
Patient given string name.given
Patient phonetic string name
Patient gender token gender http://hl7.org/fhir/administrative-gender
Patient birthdate date birthDate
Patient death-date date deceasedDateTime
Patient deceased token ?deceasedDateTime,deceasedBoolean http://terminology.hl7.org/CodeSystem/special-values
Patient address string address
Patient address-city string address.city
Patient address-state string address.state
Patient address-country string address.country
Patient address-postalcode string address.postalCode
Patient telecom contact telecom
Patient phone contact telecom(system=phone)
Patient language token communication.language

Organization identifier token identifier
Organization name string name,alias
Organization phonetic string name
Organization type token type
Organization active token active http://terminology.hl7.org/CodeSystem/special-values
Organization address string address
Organization address-city string address.city
Organization address-state string address.state
Organization address-postalcode string address.postalCode

Location identifier token identifier
Location name string name,alias
Location status token status http://hl7.org/fhir/location-status
Location address string address
Location address-city string address.city
Location address-postalcode string address.postalCode
Location organization reference managingOrganization

Practitioner identifier token identifier
Practitioner name string name
Practitioner family string name.family
Practitioner given string name.given
Practitioner gender token gender http://hl7.org/fhir/administrative-gender
Practitioner active token active http://terminology.hl7.org/CodeSystem/special-values
Practitioner address-city string address.city
Practitioner telecom contact telecom
Practitioner email contact telecom(system=email)

PractitionerRole role token code
PractitionerRole specialty token specialty
PractitionerRole practitioner reference practitioner
PractitionerRole organization reference organization
PractitionerRole location reference location
PractitionerRole telecom contact telecom
PractitionerRole phone contact telecom(system=phone)

Encounter identifier token identifier
Encounter class token class
Encounter status token status http://hl7.org/fhir/encounter-status
Encounter type token type
Encounter date date period
Encounter patient reference subject[Patient]
Encounter subject reference subject
Encounter participant reference participant.individual
Encounter practitioner reference participant.individual[Practitioner]
Encounter participant-type token participant.type
Encounter service-provider reference serviceProvider
Encounter location reference location.location
Encounter reason-code token reasonCode

Condition code token code
Condition clinical-status token clinicalStatus
Condition verification-status token verificationStatus
Condition category token category
Condition onset-date date onsetDateTime,onsetPeriod
Condition abatement-date date abatementDateTime,abatementPeriod
Condition recorded-date date recordedDate
Condition patient reference subject[Patient]
Condition subject reference subject
Condition encounter reference encounter

DiagnosticReport code token code
DiagnosticReport category token category
DiagnosticReport status token status http://hl7.org/fhir/diagnostic-report-status
DiagnosticReport date date effectiveDateTime,effectivePeriod
DiagnosticReport issued date issued
DiagnosticReport patient reference subject[Patient]
DiagnosticReport subject reference subject
DiagnosticReport encounter reference encounter
DiagnosticReport performer reference performer
DiagnosticReport result reference result

DocumentReference identifier token masterIdentifier,identifier
DocumentReference type token type
DocumentReference category token category
DocumentReference status token status http://hl7.org/fhir/document-reference-status
DocumentReference date date date
DocumentReference period date context.period
DocumentReference patient reference subject[Patient]
DocumentReference subject reference subject
DocumentReference author reference author
DocumentReference custodian reference custodian
DocumentReference encounter reference context.encounter[Encounter]
DocumentReference contenttype token content.attachment.contentType ?
DocumentReference format token content.format

Claim status token status http://hl7.org/fhir/fm-status
Claim use token use http://hl7.org/fhir/claim-use
Claim created date created
Claim priority token priority
Claim patient reference patient
Claim provider reference provider
Claim facility reference facility
Claim encounter reference item.encounter

ExplanationOfBenefit identifier token identifier
ExplanationOfBenefit status token status http://hl7.org/fhir/explanationofbenefit-status
ExplanationOfBenefit created date created
ExplanationOfBenefit patient reference patient
ExplanationOfBenefit provider reference provider
ExplanationOfBenefit facility reference facility
ExplanationOfBenefit claim reference claim
ExplanationOfBenefit care-team reference careTeam.provider
ExplanationOfBenefit encounter reference item.encounter

CareTeam status token status http://hl7.org/fhir/care-team-status
CareTeam date date period
CareTeam patient reference subject[Patient]
CareTeam subject reference subject
CareTeam participant reference participant.member
CareTeam encounter reference encounter

CarePlan status token status http://hl7.org/fhir/request-status
CarePlan intent token intent ?
CarePlan category token category
CarePlan date date period
CarePlan patient reference subject[Patient]
CarePlan subject reference subject
CarePlan encounter reference encounter
CarePlan care-team reference careTeam
CarePlan condition reference addresses
CarePlan activity-code token activity.detail.code

MedicationRequest status token status http://hl7.org/fhir/CodeSystem/medicationrequest-status
MedicationRequest intent token intent http://hl7.org/fhir/CodeSystem/medicationrequest-intent
MedicationRequest authoredon date authoredOn
MedicationRequest code token medicationCodeableConcept
MedicationRequest medication reference medicationReference
MedicationRequest patient reference subject[Patient]
MedicationRequest subject reference subject
MedicationRequest encounter reference encounter
MedicationRequest requester reference requester

Device type token type
Device status token status http://hl7.org/fhir/device-status
Device patient reference patient
Device udi-carrier string udiCarrier.carrierHRF
Device udi-di string udiCarrier.deviceIdentifier
Device device-name string deviceName.name,type.coding.display,type.text

Observation code token code
Observation category token category
Observation status token status http://hl7.org/fhir/observation-status
Observation date date effectiveDateTime,effectivePeriod,effectiveInstant
Observation patient reference subject[Patient]
Observation subject reference subject
Observation encounter reference encounter
Observation value-quantity quantity valueQuantity,valueSampledData
Observation value-concept token valueCodeableConcept
Observation value-string string valueString,valueCodeableConcept.text
Observation component-code token component.code
Observation component-value-quantity quantity component.valueQuantity,component.valueSampledData
Observation combo-code token code,component.code
Observation combo-value-quantity quantity valueQuantity,valueSampledData,component.valueQuantity,component.valueSampledData
Observation combo-value-concept token valueCodeableConcept,component.valueCodeableConcept
Observation code-value-quantity composite . token:code quantity:valueQuantity,valueSampledData
Observation code-value-concept composite . token:code token:valueCodeableConcept
Observation component-code-value-quantity composite component token:code quantity:valueQuantity,valueSampledData
Observation combo-code-value-quantity composite .,component token:code quantity:valueQuantity,valueSampledData

Procedure code token code
Procedure status token status http://hl7.org/fhir/event-status
Procedure date date performedPeriod,performedDateTime
Procedure patient reference subject[Patient]
Procedure subject reference subject
Procedure encounter reference encounter
Procedure location reference location
Procedure reason-reference reference reasonReference

Immunization vaccine-code token vaccineCode
Immunization status token status ?
Immunization date date occurrenceDateTime
Immunization patient reference patient
Immunization location reference location

SupplyDelivery status token status http://hl7.org/fhir/supplydelivery-status
SupplyDelivery patient reference patient

Medication code token code
Medication status token status http://hl7.org/fhir/CodeSystem/medication-status

MedicationAdministration status token status ?
MedicationAdministration code token medicationCodeableConcept
MedicationAdministration effective-time date effectiveDateTime,effectivePeriod
MedicationAdministration patient reference subject[Patient]
MedicationAdministration subject reference subject
MedicationAdministration context reference context

Provenance target reference target
Provenance patient reference target[Patient]
Provenance recorded date recorded
Provenance agent reference agent.who
Provenance agent-type token agent.type

AllergyIntolerance code token code,reaction.substance
AllergyIntolerance clinical-status token clinicalStatus
AllergyIntolerance verification-status token verificationStatus
AllergyIntolerance category token category http://hl7.org/fhir/allergy-intolerance-category
AllergyIntolerance type token type http://hl7.org/fhir/allergy-intolerance-type
AllergyIntolerance criticality token criticality http://hl7.org/fhir/allergy-intolerance-criticality
AllergyIntolerance date date recordedDate
AllergyIntolerance patient reference patient

ImagingStudy identifier token identifier
ImagingStudy status token status http://hl7.org/fhir/imagingstudy-status
ImagingStudy started date started
ImagingStudy patient reference subject[Patient]
ImagingStudy subject reference subject
ImagingStudy encounter reference encounter
ImagingStudy modality token series.modality
ImagingStudy bodysite token series.bodySite
ImagingStudy series token series.uid ?
ImagingStudy dicom-class token series.instance.sopClass

Observation value-date date valueDateTime,valuePeriod
Observation data-absent-reason token dataAbsentReason
Observation method token method
Observation specimen reference specimen
Observation has-member reference hasMember
Encounter length quantity length
Encounter account reference account
Encounter part-of reference partOf
Encounter location-period date location.period
Condition severity token severity
Condition body-site token bodySite
Condition onset-age quantity onsetAge
Condition onset-info string onsetString
Condition asserter reference asserter
Condition identifier token identifier
Patient organization reference managingOrganization
Patient general-practitioner reference generalPractitioner
Patient link reference link.other
Patient address-use token address.use http://hl7.org/fhir/address-use
RelatedPerson name string name
RelatedPerson patient reference patient
RelatedPerson relationship token relationship
RelatedPerson birthdate date birthDate
RiskAssessment probability number prediction.probabilityDecimal
RiskAssessment date date occurrenceDateTime,occurrencePeriod
RiskAssessment subject reference subject
ChargeItem factor-override number factorOverride
ChargeItem quantity quantity quantity
ChargeItem price-override quantity priceOverride
ChargeItem code token code
ChargeItem occurrence date occurrenceDateTime,occurrencePeriod
Invoice totalgross quantity totalGross
Invoice totalnet quantity totalNet
Invoice date date date
Goal lifecycle-status token lifecycleStatus http://hl7.org/fhir/goal-status
Goal start-date date startDate
Goal target-date date target.dueDate
Goal category token category
Goal subject reference subject
Specimen collected date collection.collectedDateTime,collection.collectedPeriod
Specimen type token type
Specimen accession token accessionIdentifier
Specimen bodysite token collection.bodySite
ServiceRequest authored date authoredOn
ServiceRequest occurrence date occurrenceDateTime,occurrencePeriod
ServiceRequest code token code
ServiceRequest status token status http://hl7.org/fhir/request-status
ServiceRequest priority token priority http://hl7.org/fhir/request-priority
ServiceRequest requester reference requester
ServiceRequest specimen reference specimen
Appointment date date start
Appointment status token status http://hl7.org/fhir/appointmentstatus
Appointment actor reference participant.actor
Appointment part-status token participant.status http://hl7.org/fhir/participationstatus
Slot start date start
Slot status token status http://hl7.org/fhir/slotstatus
Slot schedule reference schedule
Task authored-on date authoredOn
Task code token code
Task status token status http://hl7.org/fhir/task-status
Task owner reference owner
Task period date executionPeriod
Group type token type http://hl7.org/fhir/group-type
Group characteristic token characteristic.code
Group member reference member.entity
MedicationDispense whenhandedover date whenHandedOver
MedicationDispense code token medicationCodeableConcept
MedicationDispense prescription reference authorizingPrescription
List code token code
List date date date
List title string title
List item reference entry.item
Composition type token type
Composition title string title
Composition date date date
Composition section token section.code
Composition author reference author
Consent date date dateTime
Consent category token category
Consent period date provision.period
QuestionnaireResponse authored date authored
QuestionnaireResponse status token status http://hl7.org/fhir/questionnaire-answers-status
Substance expiry date instance.expiry
Substance quantity quantity instance.quantity
Substance code token code,ingredient.substanceCodeableConcept
MolecularSequence identifier token identifier
FamilyMemberHistory relationship token relationship
FamilyMemberHistory code token condition.code
FamilyMemberHistory date date date
ResearchStudy title string title
ResearchStudy date date period
ResearchStudy status token status http://hl7.org/fhir/research-study-status

ValueSet url uri url
ValueSet name string name
ValueSet title string title
ValueSet status token status http://hl7.org/fhir/publication-status
ValueSet date date date
ValueSet publisher string publisher
ValueSet version token version ?
ValueSet description string description
ValueSet jurisdiction token jurisdiction
CodeSystem url uri url
CodeSystem name string name
CodeSystem title string title
CodeSystem status token status http://hl7.org/fhir/publication-status
CodeSystem date date date
CodeSystem publisher string publisher
CodeSystem version token version ?
CodeSystem description string description
CodeSystem jurisdiction token jurisdiction
StructureDefinition url uri url
StructureDefinition name string name
StructureDefinition title string title
StructureDefinition status token status http://hl7.org/fhir/publication-status
StructureDefinition date date date
StructureDefinition publisher string publisher
StructureDefinition version token version ?
StructureDefinition description string description
StructureDefinition jurisdiction token jurisdiction
ConceptMap url uri url
ConceptMap name string name
ConceptMap title string title
ConceptMap status token status http://hl7.org/fhir/publication-status
ConceptMap date date date
ConceptMap publisher string publisher
ConceptMap version token version ?
ConceptMap description string description
ConceptMap jurisdiction token jurisdiction
CapabilityStatement url uri url
CapabilityStatement name string name
CapabilityStatement title string title
CapabilityStatement status token status http://hl7.org/fhir/publication-status
CapabilityStatement date date date
CapabilityStatement publisher string publisher
CapabilityStatement version token version ?
CapabilityStatement description string description
OperationDefinition url uri url
OperationDefinition name string name
OperationDefinition title string title
OperationDefinition status token status http://hl7.org/fhir/publication-status
OperationDefinition date date date
OperationDefinition publisher string publisher
OperationDefinition version token version ?
OperationDefinition description string description
SearchParameter url uri url
SearchParameter name string name
SearchParameter status token status http://hl7.org/fhir/publication-status
SearchParameter date date date
SearchParameter publisher string publisher
SearchParameter version token version ?
SearchParameter description string description
Questionnaire url uri url
Questionnaire name string name
Questionnaire title string title
Questionnaire status token status http://hl7.org/fhir/publication-status
Questionnaire date date date
Questionnaire publisher string publisher
Questionnaire version token version ?
Questionnaire description string description
StructureDefinition type uri type
StructureDefinition kind token kind http://hl7.org/fhir/structure-definition-kind
StructureDefinition abstract token abstract http://terminology.hl7.org/CodeSystem/special-values
SearchParameter code token code ?
SearchParameter type token type http://hl7.org/fhir/search-param-type
SearchParameter base token base ?
CodeSystem code token concept.code ?
CodeSystem content-mode token content http://hl7.org/fhir/codesystem-content-mode
ValueSet reference uri compose.include.system
`

func readParams() map[string][]param {
	byType := map[string][]param{}
	var common []param
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
		case f[0] == "*":
			common = append(common, readParam(f))
		default:
			byType[f[0]] = append(byType[f[0]], readParam(f))
		}
	}
	for t := range byType {
		for _, p := range common {
			p.typ = t
			byType[t] = append(byType[t], p)
		}
	}
	return byType
}

func readParam(f []string) param {
	p := param{typ: f[0], code: f[1], kind: kind(f[2]), paths: readPaths(f[3])}
	switch {
	case p.kind == composite:
		p.parts = [2]*param{readPart(f[4]), readPart(f[5])}
	case len(f) > 4:
		p.system = f[4]
	}
	return p
}

func readPart(s string) *param {
	k, paths, _ := strings.Cut(s, ":")
	return &param{kind: kind(k), paths: readPaths(paths)}
}

func readPaths(s string) []path {
	s, there := strings.CutPrefix(s, "?")
	var all []path
	for p := range strings.SplitSeq(s, ",") {
		all = append(all, readPath(p, there))
	}
	if there {
		return []path{{there: true, steps: slices.Concat(all[0].steps, all[1].steps)}}
	}
	return all
}

func readPath(s string, there bool) path {
	p := path{there: there}
	s, to, _ := strings.Cut(s, "[")
	p.to = strings.TrimSuffix(to, "]")
	if s == "." {
		return p
	}
	for name := range strings.SplitSeq(s, ".") {
		name, condition, _ := strings.Cut(name, "(")
		key, value, _ := strings.Cut(strings.TrimSuffix(condition, ")"), "=")
		p.steps = append(p.steps, step{name, key, value})
	}
	return p
}

// values are what the parameter looks at in a resource. Of a composite each is
// a [2][]any: the values of both parts in one element.
func (p param) values(r map[string]any) []any {
	var out []any
	for _, path := range p.paths {
		for _, v := range path.walk(r) {
			if p.kind != composite {
				out = append(out, v)
				continue
			}
			element := v.(map[string]any)
			pair := [2][]any{p.parts[0].values(element), p.parts[1].values(element)}
			if len(pair[0]) > 0 && len(pair[1]) > 0 {
				out = append(out, pair)
			}
		}
	}
	return out
}

func (p path) walk(r map[string]any) []any {
	if p.there {
		return []any{slices.ContainsFunc(p.steps, func(s step) bool { return r[s.name] != nil && r[s.name] != false })}
	}
	at := []any{r}
	for _, s := range p.steps {
		at = s.from(at)
	}
	if p.to == "" {
		return at
	}
	return slices.DeleteFunc(at, func(v any) bool {
		target, _ := v.(map[string]any)["reference"].(string)
		return !strings.HasPrefix(target, p.to+"/") && !contains(r, target, p.to)
	})
}

// contains reports whether a reference is to something of the type that the resource contains.
func contains(r map[string]any, target, typ string) bool {
	id, inside := strings.CutPrefix(target, "#")
	list, _ := r["contained"].([]any)
	return inside && slices.ContainsFunc(list, func(v any) bool {
		c, _ := v.(map[string]any)
		return c["id"] == id && c["resourceType"] == typ
	})
}

func (s step) from(elements []any) []any {
	var out []any
	for _, e := range elements {
		m, _ := e.(map[string]any)
		switch v := m[s.name].(type) {
		case nil:
		case []any:
			out = append(out, v...)
		default:
			out = append(out, v)
		}
	}
	if s.key == "" {
		return out
	}
	return slices.DeleteFunc(out, func(v any) bool { return v.(map[string]any)[s.key] != s.value })
}
