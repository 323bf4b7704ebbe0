package store

import (
	"bytes"
	"context"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fhir"
)

// record puts on record what is shown, before it is, with the patients whom it is about.
func (d *Desk) record(ctx context.Context, e audit.Entry, seen ...Version) error {
	things := make([]audit.Thing, 0, len(e.Things)+len(seen))
	things = append(things, e.Things...)
	var patients []string
	for i := range seen {
		v := &seen[i]
		things = append(things, audit.Thing{Type: v.Type, ID: v.ID, Version: int(v.Number)})
		patients = d.s.patientsIn(patients, v.Type, v.ID, v.Body)
	}
	e.Things = things
	e.Concerns(patients...)
	return d.s.audit.Record(ctx, e)
}

var patientMark = []byte("Patient/")

// patientsIn adds to a list the ids of the patients whom a resource is about or whom it mentions: more than are in whose
// compartments it is, because whoever reads it reads of them too. It looks for the references in the text and parses nothing,
// unless something is written there in another way than by itself (\/, \u002f).
func (s *Store) patientsIn(list []string, typ, id string, body []byte) []string {
	if typ == "Patient" {
		list = append(list, id)
	}
	if bytes.Contains(body, []byte(`\/`)) || bytes.Contains(body, []byte(`\u`)) {
		return s.patientsReferred(list, body)
	}
	for rest := body; ; {
		at := bytes.Index(rest, patientMark)
		if at < 0 {
			return list
		}
		before, after := rest[:at], rest[at+len(patientMark):]
		if id := idAt(after); id != "" && s.opens(before) {
			list = addOnce(list, id)
		}
		rest = after
	}
}

// addOnce keeps the list of what one resource mentions over and over short.
func addOnce(list []string, id string) []string {
	if n := len(list); n > 0 && list[n-1] == id {
		return list
	}
	return append(list, id)
}

// opens reports whether a reference to a resource of this server may begin where the text ends.
func (s *Store) opens(before []byte) bool {
	if s.base != "" && bytes.HasSuffix(before, []byte(s.base+"/")) {
		before = before[:len(before)-len(s.base)-1]
	}
	return len(before) > 0 && before[len(before)-1] == '"'
}

// idAt is the id at the beginning of what follows the type in a reference; empty if it is none.
func idAt(after []byte) string {
	end := bytes.IndexAny(after[:min(len(after), 65)], `"/`)
	if end < 0 || !fhir.IsID(string(after[:end])) {
		return ""
	}
	return string(after[:end])
}

func (s *Store) patientsReferred(list []string, body []byte) []string {
	r, err := stored(body)
	if err != nil {
		return list
	}
	for _, ref := range refsOf(r, s.base) {
		if ref.Kind == fhir.RefRelative && ref.Type == "Patient" {
			list = addOnce(list, ref.ID)
		}
	}
	return list
}
