package access

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// What a person reaches by his roles. His own are the resources in the compartment of the resource that stands for him: a
// practitioner's patients and what he has written, a patient's own record. Those of a department or an organization say so
// themselves, or belong to an encounter there.

// place is the parameter that says to which organization a resource of the type belongs.
func place(resourceType string) string {
	switch resourceType {
	case "Account":
		return "owner"
	case "CareTeam":
		return "participant:Organization"
	case "Claim":
		return "provider:Organization"
	case "Contract":
		return "authority"
	case "Coverage":
		return "payor:Organization"
	case "Device", "EpisodeOfCare", "HealthcareService", "Location", "Patient", "PractitionerRole":
		return "organization"
	case "Encounter":
		return "service-provider"
	case "Group":
		return "managing-entity:Organization"
	case "InsurancePlan":
		return "administered-by"
	case "Invoice":
		return "issuer"
	case "Organization":
		return "_id"
	case "OrganizationAffiliation":
		return "primary-organization"
	case "Task":
		return "owner:Organization"
	}
	return "encounter:Encounter.service-provider"
}

// reached are the ways that the roles open. Who has no roles is not narrowed by them.
func (p *Principal) reached(op Op, resourceType string, set *r4.ParamSet) (w ways, ok bool) {
	if !p.Roles.held {
		return w, true
	}
	reach, ok := p.Roles.reach(op.action(), resourceType)
	switch {
	case ok && (reach == All || resourceType == ""):
		return ways{open: true}, true
	case ok:
		w = p.ways(reach, resourceType, set)
	}
	if id, isPatient := strings.CutPrefix(p.Person, "Patient/"); isPatient && op.action() == Reading && hasPlace("Patient", resourceType) { // whose record it is may see it
		w.add([]search.Clause{within("Patient", id)})
	}
	return w, w.open || len(w.list) > 0
}

// reach is how far the widest permission goes; not ok if there is none.
func (r Roles) reach(a Action, resourceType string) (widest Reach, ok bool) {
	for _, p := range r.list {
		if p.Action == a && (p.Resource == "*" || p.Resource == resourceType) {
			widest, ok = max(widest, p.Reach), true
		}
	}
	return widest, ok
}

func (p *Principal) ways(reach Reach, resourceType string, set *r4.ParamSet) (w ways) {
	if owner, id, known := strings.Cut(p.Person, "/"); known && hasPlace(owner, resourceType) {
		w.add([]search.Clause{within(owner, id)})
	}
	for _, place := range []struct {
		from Reach
		id   string
	}{{Department, p.Department}, {Organization, p.Organization}} {
		if reach < place.from || place.id == "" {
			continue
		}
		if clauses := belongs(resourceType, place.id, set); clauses != nil {
			w.add(clauses)
		}
	}
	return w
}

// belongs is the condition that a resource belongs to an organization; nil if the type does not say it.
func belongs(resourceType, organization string, set *r4.ParamSet) []search.Clause {
	q, _, err := search.ParseIn(set, resourceType, []search.Pair{{Name: place(resourceType), Value: organization}}, search.Strict)
	if err != nil {
		return nil
	}
	return q.Clauses
}

// action is what the operation needs of a role.
func (o Op) action() Action {
	switch o.needs() {
	case letterR, letterS:
		return Reading
	case letterC, letterU:
		return Writing
	case letterD:
		return Deleting
	}
	return Approving
}
