package patients

import (
	"context"
	"strconv"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// locate is the id of the patient that the parameters name (name + "-patient" by reference, name + "-patient-identifier" by
// what it bears), and these identifiers. It is read, so that the look is on record. Faults: Invalid if they do not name one
// patient, Unprocessable if it is not there.
func locate(ctx context.Context, desk *store.Desk, c operation.Call, name string) (id string, borne []fhir.Value, err error) {
	param := name + "-patient"
	reference := c.In.Value(param)
	borne = c.In.Values(param + "-identifier")
	if given := reference.Get("identifier"); given.Exists() {
		borne = append(borne, given)
	}
	switch {
	case reference.Get("reference").Exists():
		id, err = referred(reference.Get("reference").Str(), c.Base, param)
	case len(borne) > 0:
		id, err = bearer(ctx, desk, borne, param)
	default:
		err = misused("required", "the parameter "+param+" or "+param+"-identifier must name a patient")
	}
	if err != nil {
		return "", nil, err
	}
	v, err := desk.Read(ctx, "Patient", id)
	if err != nil {
		return "", nil, absent(err, param)
	}
	return id, borne, bears(v.Body, borne, param)
}

// referred is the id in a reference to a patient of this server.
func referred(text, base, param string) (string, error) {
	r, here := patientHere(text, base)
	if !here || r.Version != "" {
		return "", misused("value", "the parameter "+param+" must refer to a Patient of this server, as Patient/[id]")
	}
	return r.ID, nil
}

// patientHere reads a reference, and reports whether it is to a patient of this server: ids of other servers mean others.
func patientHere(text, base string) (fhir.Ref, bool) {
	r := fhir.ParseRef(text)
	return r, r.Type == "Patient" && (r.Kind == fhir.RefRelative || r.Kind == fhir.RefAbsolute && r.Base == base)
}

// bearer is the one patient that bears all identifiers and has not been merged into another.
func bearer(ctx context.Context, desk *store.Desk, identifiers []fhir.Value, param string) (string, error) {
	var pairs []search.Pair
	for _, i := range identifiers {
		if i.Get("value").Str() == "" {
			return "", misused("value", "an identifier in "+param+"-identifier needs a value")
		}
		pairs = append(pairs, search.Pair{Name: "identifier", Value: token(i)})
	}
	q, _, err := search.Parse("Patient", append(pairs, search.Pair{Name: "_count", Value: "100"}), search.Strict)
	if err != nil {
		return "", err
	}
	page, err := desk.Search(ctx, q)
	if err != nil {
		return "", err
	}
	var found []string
	for _, v := range page.Entries {
		r, err := v.Resource()
		if err != nil {
			return "", err
		}
		if survivor(r) == "" {
			found = append(found, v.ID)
		}
	}
	if len(found) != 1 || page.Next != "" {
		return "", misused("multiple-matches", "the identifiers in "+param+"-identifier do not name one patient: found "+strconv.Itoa(len(found)))
	}
	return found[0], nil
}

// token is an identifier as a search has it.
func token(i fhir.Value) string {
	value := search.Escape(i.Get("value").Str())
	if system := i.Get("system"); system.Exists() {
		return search.Escape(system.Str()) + "|" + value
	}
	return value
}

// survivor is the reference to the patient that has taken the place of this one, empty if none has.
func survivor(r fhir.Resource) string {
	for link := range r.Get("link").Items() {
		if link.Get("type").Str() == "replaced-by" {
			return link.Get("other").Get("reference").Str()
		}
	}
	return ""
}

// bears refuses a patient that does not bear each of the identifiers.
func bears(body []byte, identifiers []fhir.Value, param string) error {
	r, err := fhir.Parse(body, fhir.Limits{})
	if err != nil {
		return err
	}
	for _, i := range identifiers {
		if !hasIdentifier(r, i) {
			return misused("value", "the patient of "+param+" does not bear all identifiers that were given")
		}
	}
	return nil
}

// hasIdentifier compares by system and value; one that is given without a system may have any.
func hasIdentifier(r fhir.Resource, given fhir.Value) bool {
	for i := range r.Get("identifier").Items() {
		system := given.Get("system")
		if i.Get("value").Str() == given.Get("value").Str() && (!system.Exists() || i.Get("system").Str() == system.Str()) {
			return true
		}
	}
	return false
}

func misused(code, text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: code, Text: text, Expression: "Parameters.parameter"})
}

// absent says of which parameter it is that the patient is not there.
func absent(err error, param string) error {
	f := fault.Find(err)
	if f == nil || f.Kind != fault.Unknown && f.Kind != fault.Gone {
		return err
	}
	return unfit("not-found", param+": "+f.Text)
}

func unfit(code, text string) error {
	return fault.At(fault.Unprocessable, fault.Issue{Code: code, Text: text})
}
