package storetest

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/search"
)

// narrowed begins a story of two patients, one of whom a caller may see, beside the caller who sees everything.
func narrowed(t0 *testing.T, open Open, scopes string) (all, part *story) {
	t := begin(t0, open, store.Options{DeleteMany: true})
	for _, who := range []string{"a", "b"} {
		t.put(`{"resourceType":"Patient","id":"%s","name":[{"family":"Name%s"}],"identifier":[{"system":"s","value":"%s"}]}`, who, who, who)
	}
	t.observe("a1", "a", "laboratory")
	t.observe("a2", "a", "vital-signs")
	t.observe("b1", "b", "laboratory")
	return t, t.as(scopes, "a")
}

func (t *story) observation(id, patient, category string) fhir.Resource {
	t.Helper()
	return t.parse(`{"resourceType":"Observation",%s"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%s"},"category":[{"coding":[{"code":"%s"}]}],
		"identifier":[{"value":"i%s"}]}`, idOf(id), patient, category, id)
}

func idOf(id string) string {
	if id == "" {
		return ""
	}
	return fmt.Sprintf(`"id":"%s",`, id)
}

func (t *story) observe(id, patient, category string) {
	t.Helper()
	if _, err := t.desk.Update(t.ctx, t.observation(id, patient, category)); err != nil {
		t.Fatal(err)
	}
}

// as is the same story told by a caller with scopes, in the context of a patient.
func (t *story) as(scopes, patient string) *story {
	p := caller(1, scopes)
	p.Patient = patient
	return t.by(p)
}

func (t *story) by(p access.Principal) *story {
	other := *t
	other.desk = t.store.As(p)
	return &other
}

// same asks that two faults cannot be told apart.
func (t *story) same(a, b error) {
	t.Helper()
	if a == nil || b == nil || a.Error() != b.Error() || fault.Of(a) != fault.Of(b) {
		t.Errorf("%v can be told from %v", a, b)
	}
}

// narrowReads: what is not seen is as if it were not there, in all that can be read.
func narrowReads(t0 *testing.T, open Open) {
	all, t := narrowed(t0, open, "patient/*.rs")
	t.found("Observation", "", "a1", "a2")
	t.found("Patient", "", "a")
	t.found("Observation", "patient.name=Nameb")
	t.found("Patient", "_has:Observation:patient:category=laboratory", "a")
	t.found("Observation", "subject:missing=false&_sort=-_lastUpdated", "a2", "a1")
	t.found("Observation", "_filter="+`not+(category+eq+vital-signs)`, "a1")
	if got := strings.Join(t.search("", "_type=Patient,Observation"), " "); got != "a1 a2 a" {
		t.Error(got)
	}
	for _, id := range []string{"b1", "none"} {
		_, err := t.desk.Read(t.ctx, "Observation", id)
		t.want(fault.Unknown, err)
		_, unknown := t.desk.Read(t.ctx, "Observation", "none")
		t.same(err, unknown)
	}
	page, err := Page(t.ctx, t.desk, "Observation", "_total=accurate&_count=1", "")
	if err != nil || page.Total != 2 {
		t.Error(page.Total, err)
	}
	_, err = Page(t.ctx, all.desk, "Observation", "_total=accurate&_count=1", page.Next)
	t.want(fault.Invalid, err)
	_, err = Page(t.ctx, all.as("patient/*.rs", "b").desk, "Observation", "_total=accurate&_count=1", page.Next)
	t.want(fault.Invalid, err)
	_, err = Page(t.ctx, t.desk, "Observation", "_sort=patient.name", "")
	t.want(fault.Forbidden, err)
	_, err = Page(t.ctx, t.desk, "Practitioner", "", "")
	t.want(fault.Forbidden, err)
	t.notBrought("Patient", "_revinclude=Observation:subject&_revinclude=Observation:*")
}

// notBrought asks that nothing of the other patient is on a page or included.
func (t *story) notBrought(typ, query string) {
	t.Helper()
	page, err := Page(t.ctx, t.desk, typ, query, "")
	if err != nil {
		t.Error(err)
	}
	if brought := idsOf(page); brought != "a a1 a2" {
		t.Error(brought)
	}
}

// idsOf are the ids of what is on a page and included.
func idsOf(page store.Page) string {
	var ids []string
	for _, v := range append(page.Entries, page.Included...) {
		ids = append(ids, v.ID)
	}
	return strings.Join(ids, " ")
}

// narrowByQuery: a scope with a search is about what the search finds.
func narrowByQuery(t0 *testing.T, open Open) {
	_, t := narrowed(t0, open, "patient/Observation.rs?category=laboratory user/Patient.rs")
	t.found("Observation", "", "a1")
	t.found("Patient", "_has:Observation:patient:status=final", "a")
	t.found("Patient", "", "a", "b")
	t.found("Patient", "_has:Observation:patient:category=vital-signs")
	page, err := t.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "a"})
	if got := idsOf(page); err != nil || got != "a a1" {
		t.Error(got, err)
	}
	labels, err := t.desk.Labels(t.ctx, "Observation")
	if err != nil || len(labels.List) != 0 {
		t.Error(labels, err)
	}
}

// narrowHistory: a version shows if it and what has become of it may be seen.
func narrowHistory(t0 *testing.T, open Open) {
	all, t := narrowed(t0, open, "patient/*.rs")
	all.observe("moved", "a", "laboratory")
	all.observe("moved", "b", "laboratory") // it was filed wrongly
	all.observe("came", "b", "laboratory")
	all.observe("came", "a", "laboratory")
	all.observe("gone", "a", "laboratory")
	all.observe("theirs", "b", "laboratory")
	for _, id := range []string{"gone", "theirs"} {
		if _, err := all.desk.Delete(t.ctx, "Observation", id); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []store.HistoryQuery{{Type: "Observation"}, {Type: "Observation", Ascending: true, Count: 1}} {
		want := "gone/2 gone/1 came/2 a2/1 a1/1"
		if q.Ascending {
			want = "a1/1 a2/1 came/2 gone/1 gone/2"
		}
		if got := t.past(q); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := t.past(store.HistoryQuery{}); got != "gone/2 gone/1 came/2 a2/1 a1/1 a/1" {
		t.Error(got)
	}
	if got := t.past(store.HistoryQuery{Type: "Observation", ID: "came"}); got != "came/2" {
		t.Error(got)
	}
	for id, version := range map[string]string{"moved": "1", "came": "1", "theirs": "1", "none": "1"} {
		_, err := t.desk.VRead(t.ctx, "Observation", id, version)
		t.want(fault.Unknown, err)
	}
	_, hiddenErr := t.desk.VRead(t.ctx, "Observation", "came", "1")
	_, noneErr := t.desk.VRead(t.ctx, "Observation", "came", "9")
	t.same(hiddenErr, noneErr)
	_, err := t.desk.Read(t.ctx, "Observation", "gone")
	t.want(fault.Gone, err)
	_, err = t.desk.Read(t.ctx, "Observation", "theirs")
	t.want(fault.Unknown, err)
	if v, err := t.desk.VRead(t.ctx, "Observation", "gone", "1"); err != nil || v.Number != 1 {
		t.Error(v.Number, err)
	}
}

// past are the versions that a history shows, all pages.
func (t *story) past(q store.HistoryQuery) string {
	t.Helper()
	var out []string
	for {
		page, err := t.desk.History(t.ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Entries {
			out = append(out, fmt.Sprintf("%s/%d", v.ID, v.Number))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return strings.Join(out, " ")
		}
	}
}

// narrowWrites: who sees a part changes nothing else, writes nothing out of it, and cannot find out what else there is.
func narrowWrites(t0 *testing.T, open Open) {
	all, t := narrowed(t0, open, "patient/*.cruds")
	made, err := t.desk.Create(t.ctx, t.observation("", "a", "laboratory"))
	if err != nil || made.Effect != store.Created {
		t.Fatal(made, err)
	}
	_, err = t.desk.Create(t.ctx, t.observation("", "b", "laboratory"))
	refs := err
	_, err = t.desk.Create(t.ctx, t.observation("", "none", "laboratory"))
	t.same(refs, err)
	t.want(fault.Unprocessable, err)
	_, err = t.desk.Update(t.ctx, t.observation("a1", "a", "vital-signs"))
	if err != nil {
		t.Error(err)
	}
	_, err = t.desk.Update(t.ctx, t.parse(`{"resourceType":"Observation","id":"a1","status":"final","code":{"text":"x"}}`))
	t.want(fault.Forbidden, err) // it would be nobody's
	_, err = t.desk.Update(t.ctx, t.observation("b1", "a", "laboratory"))
	theirs := err
	_, err = t.desk.Update(t.ctx, t.observation("none", "a", "laboratory"))
	t.same(theirs, err)
	t.want(fault.Unknown, err)
	for _, id := range []string{"b1", "none"} {
		gone, err := t.desk.Delete(t.ctx, "Observation", id)
		if err != nil || gone.Effect != store.Unchanged {
			t.Error(id, gone.Effect, err)
		}
		_, err = t.desk.Delete(t.ctx, "Observation", id, store.IfMatch("1"))
		t.want(fault.Stale, err)
		_, err = t.desk.Update(t.ctx, t.observation(id, "a", "laboratory"), store.IfMatch("7"))
		t.want(fault.Unknown, err)
	}
	if _, err := all.desk.Read(t.ctx, "Observation", "b1"); err != nil {
		t.Error(err)
	}
	t.patched()
	t.conditioned(all)
}

func (t *story) patched() {
	t.Helper()
	p, err := patch.Read(patch.MediaJSON, []byte(`[{"op":"replace","path":"/status","value":"amended"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := t.desk.Patch(t.ctx, "Observation", "a2", p); err != nil {
		t.Error(err)
	}
	_, hid := t.desk.Patch(t.ctx, "Observation", "b1", p)
	_, none := t.desk.Patch(t.ctx, "Observation", "none", p)
	t.same(hid, none)
	t.want(fault.Unknown, hid)
	away, err := patch.Read(patch.MediaJSON, []byte(`[{"op":"remove","path":"/subject"}]`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = t.desk.Patch(t.ctx, "Observation", "a2", away)
	t.want(fault.Forbidden, err)
}

// conditions do not match what is not seen.
func (t *story) conditioned(all *story) {
	t.Helper()
	made, err := t.desk.Create(t.ctx, t.observation("", "a", "laboratory"), store.IfNoneExist("identifier=ib1"))
	if err != nil || made.Effect != store.Created {
		t.Error(made.Effect, err)
	}
	made, err = t.desk.Create(t.ctx, t.observation("", "a", "laboratory"), store.IfNoneExist("identifier=ia2"))
	if err != nil || made.Effect != store.Unchanged || made.ID != "a2" {
		t.Error(made.ID, made.Effect, err)
	}
	gone, err := t.desk.DeleteWhere(t.ctx, "Observation", "status=final")
	if err != nil || len(gone) != 3 { // a1 and the two that were made here
		t.Error(len(gone), err)
	}
	_, err = t.desk.Update(t.ctx, t.observation("b1", "a", "laboratory"), store.Where("identifier=ib1"))
	theirs := err
	_, err = t.desk.Update(t.ctx, t.observation("none", "a", "laboratory"), store.Where("identifier=none"))
	t.same(theirs, err)
	put, err := t.desk.Update(t.ctx, t.observation("", "a", "laboratory"), store.Where("identifier=ib1"))
	if err != nil || put.Effect != store.Created || put.ID == "b1" {
		t.Error(put.ID, put.Effect, err)
	}
	_, err = t.desk.Update(t.ctx, t.parse(`{"resourceType":"Observation","status":"final","code":{"text":"x"}}`), store.Where("identifier=ib2"))
	t.want(fault.Forbidden, err)
	all.found("Observation", "identifier=ib1&patient=b", "b1")
}

// narrowBundles: a transaction sees no more.
func narrowBundles(t0 *testing.T, open Open) {
	_, t := narrowed(t0, open, "patient/*.cruds")
	for _, entry := range []string{
		`{"request":{"method":"GET","url":"Observation/%s"}}`,
		`{"request":{"method":"GET","url":"Observation/%s/_history"}}`,
		`{"request":{"method":"PUT","url":"Observation/%[1]s"},"resource":{"resourceType":"Observation","id":"%[1]s","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}}}`,
		`{"request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=s|%s"}}}`,
	} {
		var errs []error
		for _, id := range []string{"b1", "none"} {
			if strings.Contains(entry, "s|%s") {
				id = strings.TrimSuffix(id, "1")
			}
			_, err := t.desk.Transaction(t.ctx, fhir.Bundle{Resource: t.parse(`{"resourceType":"Bundle","type":"transaction","entry":[%s]}`, fmt.Sprintf(entry, id))})
			errs = append(errs, err)
		}
		t.same(errs[0], errs[1])
	}
}

// narrowInside: what is contained in something unseen is not seen, and what is contained in something seen is.
func narrowInside(t0 *testing.T, open Open) {
	all, t := narrowed(t0, open, "patient/*.rs user/Practitioner.rs?family=seen user/Organization.rs")
	for id, who := range map[string]string{"ca": "a", "cb": "b"} {
		all.put(`{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%s"},"performer":[{"reference":"#p"}],
			"contained":[{"resourceType":"Practitioner","id":"p","name":[{"family":"within"}]}]}`, id, who)
	}
	t.found("Observation", "performer:Practitioner.family=within", "ca")
	t.found("Practitioner", "family=within&_contained=true", "ca")
	t.found("Practitioner", "_contained=both&_containedType=contained", "ca")
	page, err := Page(t.ctx, t.desk, "Practitioner", "family=within&_contained=true&_total=accurate", "")
	if err != nil || page.Total != 1 {
		t.Error(page.Total, err)
	}
}

// narrowElsewhere: $everything, and what needs to see all there is.
func narrowElsewhere(t0 *testing.T, open Open) {
	all, t := narrowed(t0, open, "patient/*.cruds user/Organization.rs?name=seen")
	all.put(`{"resourceType":"Organization","id":"seen","name":"seen"}`)
	all.put(`{"resourceType":"Organization","id":"unseen","name":"other"}`)
	all.put(`{"resourceType":"Encounter","id":"e","status":"planned","class":{"code":"AMB"},"subject":{"reference":"Patient/a"},
		"serviceProvider":{"reference":"Organization/unseen"},"account":[{"display":"x"}],"hospitalization":{"origin":{"reference":"Organization/seen"}}}`)
	page, err := t.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "a"})
	if brought := idsOf(page); err != nil || brought != "a e a1 a2 seen" {
		t.Error(brought, err)
	}
	for query, want := range map[string]string{"_include=Encounter:service-provider": "e", "_include=Encounter:*": "e a", "_id=e&_include=Encounter:patient&_revinclude=Observation:encounter": "e a"} {
		page, err := Page(t.ctx, t.desk, "Encounter", query, "")
		if got := idsOf(page); err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", query, got, want, err)
		}
	}
	_, hid := t.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "b"})
	_, none := t.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "none"})
	t.same(hid, none)
	// What refers to the unseen already may be changed without taking that out.
	if _, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Encounter","id":"e","status":"arrived","class":{"code":"AMB"},"subject":{"reference":"Patient/a"},
		"serviceProvider":{"reference":"Organization/unseen"}}`)); err != nil {
		t.Error(err)
	}
	err = t.desk.Write(t.ctx, func(c *store.Change) error {
		c.Alone(func(a *store.Alone) error {
			_, err := a.Read("Patient", "a")
			return err
		})
		return nil
	})
	t.want(fault.Forbidden, err)
	_, err = Page(t.ctx, t.desk, "Encounter", "service-provider:below=Organization/seen", "")
	t.want(fault.Forbidden, err)
}

// narrowRoles: own, department and organization.
func narrowRoles(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Practitioner","id":"me"}`)
	for _, o := range []string{"here", "there"} {
		t.put(`{"resourceType":"Organization","id":"%s"}`, o)
		t.put(`{"resourceType":"Encounter","id":"e-%s","status":"planned","class":{"code":"AMB"},"serviceProvider":{"reference":"Organization/%s"}}`, o, o)
		t.put(`{"resourceType":"Observation","id":"o-%s","status":"final","code":{"text":"x"},"encounter":{"reference":"Encounter/e-%s"}}`, o, o)
	}
	t.put(`{"resourceType":"Observation","id":"mine","status":"final","code":{"text":"x"},"performer":[{"reference":"Practitioner/me"}]}`)
	p := caller(1, "user/*.cruds")
	p.Person, p.Department = "Practitioner/me", "here"
	for reach, want := range map[string]string{"own": "mine", "department": "o-here mine", "organization": "o-here mine", "all": "o-here o-there mine"} {
		p.Roles = access.NewRoles(allowed(t, "read", reach), allowed(t, "write", reach))
		if got := strings.Join(t.by(p).search("Observation", ""), " "); got != want {
			t.Errorf("%s: %s, want %s", reach, got, want)
		}
	}
	p.Roles = access.NewRoles(allowed(t, "read", "department"), allowed(t, "write", "department"))
	me := t.by(p)
	_, err := me.desk.Create(t.ctx, t.parse(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"encounter":{"reference":"Encounter/e-here"}}`))
	if err != nil {
		t.Error(err)
	}
	_, err = me.desk.Create(t.ctx, t.parse(`{"resourceType":"Observation","status":"final","code":{"text":"x"}}`))
	t.want(fault.Forbidden, err)
	_, err = me.desk.Read(t.ctx, "Observation", "o-there")
	t.want(fault.Unknown, err)
	_, err = me.desk.Delete(t.ctx, "Observation", "o-here")
	t.want(fault.Forbidden, err)
	if got := me.past(store.HistoryQuery{Type: "Observation", ID: "o-here"}); got != "o-here/1" {
		t.Error(got)
	}
}

func allowed(t *story, action, reach string) access.Permission {
	p, err := access.ParsePermission("*", action, reach)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// narrowLabels: a clearance, and a purpose.
func narrowLabels(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const confidentiality, reason = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "http://terminology.hl7.org/CodeSystem/v3-ActReason"
	for id, labels := range map[string][][2]string{"plain": nil, "normal": {{confidentiality, "N"}}, "secret": {{confidentiality, "R"}}, "care": {{reason, "TREAT"}}, "bill": {{reason, "HPAYMT"}, {confidentiality, "L"}}} {
		var list []string
		for _, l := range labels {
			list = append(list, fmt.Sprintf(`{"system":"%s","code":"%s"}`, l[0], l[1]))
		}
		meta := ""
		if list != nil {
			meta = `"meta":{"security":[` + strings.Join(list, ",") + `]},`
		}
		t.put(`{"resourceType":"Basic",%s"id":"%s","code":{"text":"x"}}`, meta, id)
	}
	for _, c := range []struct{ clearance, purpose, want string }{{"N", "TREAT", "care normal plain"}, {"R", "TREAT", "care normal plain secret"}, {"N", "", "normal plain"}, {"L", "HPAYMT", "bill plain"}, {"?", "", "plain"}} {
		p := caller(1, "user/*.cruds")
		p.Clearance, p.Purpose = c.clearance, c.purpose
		if got := strings.Join(t.by(p).search("Basic", "_sort=_id"), " "); got != c.want {
			t.Errorf("%s for %s: %s, want %s", c.clearance, c.purpose, got, c.want)
		}
	}
	p := caller(1, "user/*.cruds")
	p.Clearance = "N"
	_, err := t.by(p).desk.Update(t.ctx, t.parse(`{"resourceType":"Basic","id":"plain","meta":{"security":[{"system":"%s","code":"V"}]},"code":{"text":"x"}}`, confidentiality))
	t.want(fault.Forbidden, err)
}

// narrowMasks: hidden elements are in no answer and in no question; what is to be kept is kept.
func narrowMasks(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">555</div>"},"active":true,
		"telecom":[{"system":"phone","value":"555"}],"gender":"male"}`)
	t.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"#c"},"contained":[{"resourceType":"Patient","id":"c","telecom":[{"value":"555"}]}]}`)
	p := caller(1, "user/*.cruds")
	p.Roles = access.NewRoles(allowed(t, "read", "all"), allowed(t, "write", "all")).Masked(mask(t, "telecom", "hide"), mask(t, "gender", "keep"))
	me := t.by(p)
	for _, look := range []func() ([]store.Version, error){
		func() ([]store.Version, error) {
			v, err := me.desk.Read(t.ctx, "Patient", "p")
			return []store.Version{v}, err
		},
		func() ([]store.Version, error) {
			v, err := me.desk.Read(t.ctx, "Observation", "o")
			return []store.Version{v}, err
		},
		func() ([]store.Version, error) {
			v, err := me.desk.VRead(t.ctx, "Patient", "p", "1")
			return []store.Version{v}, err
		},
		func() ([]store.Version, error) {
			p, err := Page(t.ctx, me.desk, "Patient", "", "")
			return p.Entries, err
		},
		func() ([]store.Version, error) {
			p, err := me.desk.History(t.ctx, store.HistoryQuery{Type: "Patient"})
			return p.Entries, err
		},
		func() ([]store.Version, error) {
			p, err := me.desk.Everything(t.ctx, store.Everything{Type: "Patient", ID: "p"})
			return p.Entries, err
		},
		func() ([]store.Version, error) {
			return me.desk.Choose(t.ctx, search.Query{Type: "Patient", Count: -1}, all)
		},
	} {
		list, err := look()
		if err != nil || len(list) == 0 {
			t.Error(len(list), err)
		}
		for _, v := range list {
			if body := string(v.Body); strings.Contains(body, "555") || !strings.Contains(body, "SUBSETTED") {
				t.Error(body)
			}
		}
	}
	for _, query := range []string{"telecom=555", "phone=555", "_content=555", "_text=555", "_sort=telecom", "_filter=telecom+eq+555", "_has:Observation:patient:patient.telecom=555"} {
		_, err := Page(t.ctx, me.desk, "Patient", query, "")
		t.want(fault.Forbidden, err)
	}
	for typ, query := range map[string]string{"Observation": "patient.telecom=555", "Encounter": "_sort=patient.telecom", "": "_content=555"} {
		_, err := Page(t.ctx, me.desk, typ, query, "")
		t.want(fault.Forbidden, err)
	}
	_, err := me.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p","gender":"male"}`))
	t.want(fault.Forbidden, err)
	p.Roles = access.NewRoles(allowed(t, "read", "all"), allowed(t, "write", "all")).Masked(mask(t, "gender", "keep"))
	me = t.by(p)
	_, err = me.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p","gender":"male","active":false}`))
	if err != nil {
		t.Error(err)
	}
	for _, body := range []string{`{"resourceType":"Patient","id":"p","gender":"female"}`, `{"resourceType":"Patient","id":"p"}`} {
		_, err = me.desk.Update(t.ctx, t.parse("%s", body))
		t.want(fault.Forbidden, err)
	}
}

func all(list iter.Seq2[store.Version, error]) (out []store.Version, errs error) {
	for v, err := range list {
		out, errs = append(out, v), errors.Join(errs, err)
	}
	return out, errs
}

func mask(t *story, element, how string) access.Mask {
	m, err := access.ParseMask("Patient", element, how)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
