package audit

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Observer is the server that recorded the entries, as AuditEvents name it.
type Observer struct {
	Name    string // identifier, such as the base address of the FHIR interface
	Address string // on the network
}

// Code systems and profiles of AuditEvents (https://hl7.org/fhir/R4/auditevent.html, https://profiles.ihe.net/ITI/BALP).
const (
	profileBase    = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
	requestIDs     = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
	eventTypes     = "http://terminology.hl7.org/CodeSystem/audit-event-type"
	dicom          = "http://dicom.nema.org/resources/ontology/DCM"
	restful        = "http://hl7.org/fhir/restful-interaction"
	entityTypes    = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
	objectRoles    = "http://terminology.hl7.org/CodeSystem/object-role"
	participation  = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
	provenance     = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
	reasons        = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	ownActions     = "https://ficus.health/audit/action"
	fhirInstant    = fhir.InstantFormat
	insideOfServer = "localhost"
)

// pattern is how BALP wants an interaction to be told.
type pattern struct {
	profile              string // Read; Patient is put before it where there is one patient
	client, server, user coding // who takes part in which role
}

type coding struct{ system, code, display string }

func (c coding) obj() *fhir.Obj {
	o := fhir.NewObject().Set("system", c.system).Set("code", c.code)
	if c.display != "" {
		o.Set("display", c.display)
	}
	return o
}

var (
	source      = coding{dicom, "110153", "Source Role ID"}
	destination = coding{dicom, "110152", "Destination Role ID"}
	application = coding{dicom, "110150", "Application"}
	custodian   = coding{provenance, "custodian", "Custodian"}
	recipient   = coding{participation, "IRCP", "information recipient"}
	author      = coding{participation, "AUT", "author (originator)"}
)

func patternOf(action string) pattern {
	switch action {
	case "read", "vread":
		return pattern{"Read", destination, source, recipient}
	case "search":
		return pattern{"Query", source, destination, recipient}
	case "create":
		return pattern{"Create", source, destination, author}
	case "update":
		return pattern{"Update", source, destination, author}
	case "delete":
		return pattern{"Delete", application, custodian, author}
	case "history", "everything", "match":
		return pattern{"", destination, source, recipient}
	}
	return pattern{"", source, destination, author}
}

// Resource is the entry as an AuditEvent in the shape of IHE BALP, which names the profile wherever the entry is what the
// profile is about: a success, of one of its interactions, and with one patient for those of patients. Of several things the
// first is the profile's data; the others, and what a search has found, are entities of type Other.
func (f *Found) Resource(by Observer) *fhir.Obj {
	e, p := &f.Entry, patternOf(f.Action)
	meta := fhir.NewObject().Set("versionId", "1").Set("lastUpdated", e.At.UTC().Format(fhirInstant))
	if profile := f.profile(p); profile != "" {
		meta.Set("profile", list(profileBase+profile))
	}
	o := fhir.NewObject().Set("resourceType", "AuditEvent").Set("id", f.ID).Set("meta", meta).
		Set("type", e.typeCode().obj()).Set("subtype", list(e.subtype().obj())).Set("action", e.Class()).
		Set("recorded", e.At.UTC().Format(fhirInstant)).Set("outcome", e.outcomeCode())
	if e.Reason != "" {
		o.Set("outcomeDesc", e.Reason)
	}
	if e.Purpose != "" {
		o.Set("purposeOfEvent", list(concept(coding{reasons, e.Purpose, ""})))
	}
	o.Set("agent", e.agents(p, by)).Set("source", fhir.NewObject().Set("observer", named(by.Name, "")))
	if entities := e.entities(p); len(entities.Items) > 0 {
		o.Set("entity", entities)
	}
	return o
}

func (f *Found) profile(p pattern) string {
	switch {
	case p.profile == "" || f.Outcome != Success || f.Category() != Data || len(f.Things) == 0:
		return ""
	case len(f.Patients) == 1:
		return "Patient" + p.profile
	}
	return p.profile
}

// typeCode says what kind of event it is (http://hl7.org/fhir/ValueSet/audit-event-type).
func (e *Entry) typeCode() coding {
	switch e.Category() {
	case SignIn:
		return coding{dicom, "110114", "User Authentication"}
	case Administration:
		return coding{dicom, "110137", "User Security Attributes Changed"}
	case Emergency:
		return coding{dicom, "110113", "Security Alert"}
	case Review:
		return coding{dicom, "110101", "Audit Log Used"}
	}
	return coding{eventTypes, "rest", "RESTful Operation"}
}

// subtype is the interaction, or the action under its own name.
func (e *Entry) subtype() coding {
	of := Thing{}
	if len(e.Things) > 0 {
		of = e.Things[0]
	}
	code := e.Action
	switch {
	case e.Category() != Data && e.Category() != Review:
		return coding{ownActions, code, ""}
	case code == "search" && of.Type == "":
		code = "search-system"
	case code == "search":
		code = "search-type"
	case code == "history" && of.ID != "":
		code = "history-instance"
	case code == "history" && of.Type != "":
		code = "history-type"
	case code == "history":
		code = "history-system"
	case code == "everything":
		code = "operation"
	case code != "read" && code != "vread" && code != "create" && code != "update" && code != "delete":
		return coding{ownActions, code, ""}
	}
	return coding{restful, code, code}
}

// outcomeCode is 0 or, as only requests that were wrong or not allowed are on record besides, 4 (minor failure).
func (e *Entry) outcomeCode() string {
	if e.Outcome == Success {
		return "0"
	}
	return "4"
}

func list(items ...any) *fhir.List {
	l := &fhir.List{}
	for _, i := range items {
		l.Add(i)
	}
	return l
}

func concept(c coding) *fhir.Obj { return fhir.NewObject().Set("coding", list(c.obj())) }

// named refers to somebody by an identifier.
func named(id, display string) *fhir.Obj {
	o := fhir.NewObject().Set("identifier", fhir.NewObject().Set("value", id))
	if display != "" {
		o.Set("display", display)
	}
	return o
}

// agents are the program, the server, and the person or service on whose behalf the program asked.
func (e *Entry) agents(p pattern, by Observer) *fhir.List {
	all := list(agentOf(p.client, firstOf(e.Client, "unknown"), "", e.Subject == "").Set("network", network(firstOf(e.Address, insideOfServer))))
	if e.Agent != "" {
		all.Items[0].(*fhir.Obj).Set("altId", e.Agent)
	}
	all.Add(agentOf(p.server, by.Name, "", false).Set("network", network(firstOf(by.Address, insideOfServer))))
	if e.Subject == "" {
		return all
	}
	user := agentOf(p.user, e.Subject, e.Name, true)
	if e.Session != "" {
		user.Set("altId", e.Session)
	}
	if e.Name != "" {
		user.Set("name", e.Name)
	}
	if e.Purpose != "" {
		user.Set("purposeOfUse", list(concept(coding{reasons, e.Purpose, ""})))
	}
	return all.Add(user)
}

func agentOf(role coding, id, display string, requestor bool) *fhir.Obj {
	return fhir.NewObject().Set("type", concept(role)).Set("who", named(id, display)).Set("requestor", requestor)
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// network is an address; its type is 2 for an IP address and 1 for a name (http://hl7.org/fhir/network-type).
func network(address string) *fhir.Obj {
	kind := "1"
	if _, err := netip.ParseAddr(address); err == nil {
		kind = "2"
	}
	return fhir.NewObject().Set("address", address).Set("type", kind)
}

func (e *Entry) entities(p pattern) *fhir.List {
	all := &fhir.List{}
	if e.RequestID != "" {
		all.Add(entity(coding{requestIDs, "XrequestId", ""}, coding{}, named(e.RequestID, "")))
	}
	things := e.Things
	if p.profile == "Query" {
		all.Add(e.query())
		things = things[min(1, len(things)):]
	}
	for i, t := range things {
		kind := coding{entityTypes, "2", "System Object"}
		if i > 0 || p.profile == "Query" {
			kind = coding{entityTypes, "4", "Other"}
		}
		all.Add(entity(kind, coding{objectRoles, "4", "Domain Resource"}, t.reference()))
	}
	for _, id := range e.Patients {
		all.Add(entity(coding{entityTypes, "1", "Person"}, coding{objectRoles, "1", "Patient"}, fhir.NewObject().Set("reference", "Patient/"+id)))
	}
	if e.Detail != "" {
		all.Add(fhir.NewObject().Set("type", coding{entityTypes, "4", "Other"}.obj()).Set("description", e.Detail))
	}
	return all
}

func entity(kind, role coding, what *fhir.Obj) *fhir.Obj {
	o := fhir.NewObject().Set("what", what).Set("type", kind.obj())
	if role.code != "" {
		o.Set("role", role.obj())
	}
	return o
}

// query is what was asked, by the names of the parameters: values are not on record.
func (e *Entry) query() *fhir.Obj {
	text := "?" + e.Query
	if len(e.Things) > 0 {
		text = e.Things[0].Type + text
	}
	return fhir.NewObject().Set("type", coding{entityTypes, "2", "System Object"}.obj()).Set("role", coding{objectRoles, "24", "Query"}.obj()).
		Set("description", text).Set("query", base64.StdEncoding.EncodeToString([]byte(text)))
}

// reference is a literal one if the thing is a resource; a type of resources and what modules keep are named.
func (t Thing) reference() *fhir.Obj {
	o := fhir.NewObject()
	if _, known := r4.ResourceIndex(t.Type); known && t.ID == "" {
		o.Set("type", t.Type)
	} else if !known || !fhir.IsID(t.ID) {
		return o.Set("display", firstOf(strings.Trim(t.Type+" "+t.ID, " "), "everything"))
	}
	if t.ID == "" {
		return o.Set("display", "every "+t.Type)
	}
	name := t.Type + "/" + t.ID
	if t.Version > 0 {
		name += "/_history/" + strconv.Itoa(t.Version)
	}
	return o.Set("reference", name)
}
