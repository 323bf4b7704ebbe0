package patients

import (
	"slices"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
)

// restore writes a patient as before the merge if nothing has changed it since; else it takes back what the merge did to it.
func (u *unmerging) restore(a *store.Alone, id, other string, version int64,
	undo func(now, merged, before fhir.Resource, other string) (fhir.Resource, error)) (patient, error) {
	now, err := parsed(a.Read("Patient", id))
	if err != nil {
		return now, absent(err, "Patient/"+id)
	}
	before, err := parsed(a.VRead("Patient", id, version))
	if err != nil {
		return now, err
	}
	r := before.Resource
	merged, err := parsed(a.VRead("Patient", id, version+1))
	if err != nil {
		return now, err
	}
	if !store.SameContent(now.Resource, merged.Resource) {
		if r, err = undo(now.Resource, merged.Resource, before.Resource, other); err != nil {
			return now, err
		}
		u.tell(moved{typ: "Patient", id: id}, "was changed since; its later content is kept")
		if id == u.target {
			if r, err = u.unitself(a, r, now, merged, before); err != nil {
				return now, err
			}
		}
	}
	_, err = a.Update(r)
	return now, err
}

// unitself is the target that refers to the source again where the merge made it refer to itself.
func (u *unmerging) unitself(a *store.Alone, r fhir.Resource, now, merged, before patient) (fhir.Resource, error) {
	was := texts(slices.DeleteFunc(a.Places(before.Resource, "Patient", u.source), isLink))
	if len(was) == 0 {
		return r, nil
	}
	if !u.samePlaces(a, merged, a.Places(now.Resource, "Patient", u.target)) {
		u.tell(moved{typ: "Patient", id: u.target}, "refers to itself otherwise than after the merge; that was left as it is")
		return r, nil
	}
	places := slices.DeleteFunc(a.Places(r, "Patient", u.target), func(p store.Place) bool { return was[p.Path] == "" })
	return store.Redirected(r, places, func(p store.Place) string { return was[p.Path] })
}

// texts are what places say, by path.
func texts(places []store.Place) map[string]string {
	out := make(map[string]string, len(places))
	for _, p := range places {
		out[p.Path] = p.Text
	}
	return out
}

// unretired is the source without what the merge did to it.
func unretired(now, _, before fhir.Resource, target string) (fhir.Resource, error) {
	o := with(object(now), "link", append(linksBut(now, target), linksOf(before, target)...))
	if active := before.Get("active"); active.Exists() {
		return resource(o.Set("active", active))
	}
	return resource(without(o, "active"))
}

// unsurvived is the target without the link and the identifiers that the merge gave it. An identifier that was changed since
// is somebody's decision and stays.
func unsurvived(now, merged, before fhir.Resource, source string) (fhir.Resource, error) {
	var list []any
	for i := range now.Get("identifier").Items() {
		given := holds(merged, i) && !bearsSame(before, i)
		if !given {
			list = append(list, i)
		}
	}
	links := append(linksBut(now, source), linksOf(before, source)...)
	return resource(with(with(object(now), "identifier", list), "link", links))
}

// holds reports whether the patient has exactly this identifier.
func holds(r fhir.Resource, i fhir.Value) bool {
	for have := range r.Get("identifier").Items() {
		if string(have.Raw()) == string(i.Raw()) {
			return true
		}
	}
	return false
}

// linksOf are the links to one patient.
func linksOf(r fhir.Resource, id string) (list []any) {
	for l := range r.Get("link").Items() {
		if linksTo(l, id) {
			list = append(list, l)
		}
	}
	return list
}
