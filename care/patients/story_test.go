package patients

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/fhir/validate"
)

// story is a store with the module, and a caller with every right.
type story struct {
	*testing.T
	db      *db.DB
	store   *store.Store
	desk    *store.Desk
	modules care.Modules
}

func both(t *testing.T, tell func(*story)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			tell(opened(t, dbtest.Open(t, url(t), db.Options{Params: store.PostgresSettings()})))
		})
	}
}

func valid(ctx context.Context, _ int32, r fhir.Resource) ([]fault.Issue, error) {
	return validate.OnWrite(ctx.Done(), r)
}

func opened(t *testing.T, d *db.DB) *story {
	var n, ids atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now := func() time.Time { return start.Add(time.Duration(n.Add(1)) * time.Millisecond) }
	keys, trail := storetest.Keys(t, d)
	notes := care.Module{Name: "notes", Schema: notesSchema(), Takes: []store.RecordSink{care.NewSink(note, keys)}}
	ms := care.Modules{notes, Module(now, func() string { return fmt.Sprintf("id-%d", ids.Add(1)) }, care.Modules{notes}.Naming("Patient"))}
	if err := ms.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	o := store.Options{Now: now, Rules: ms.Rules(), Validate: valid, Base: "http://here/fhir"}
	o.Vault, o.Audit = keys, trail
	s, err := store.Open(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &story{t, d, s, s.As(principal(t, "system/*.cruds")), ms}
}

func principal(t *testing.T, scopes string) access.Principal {
	parsed, err := access.ParseScopes(scopes)
	if err != nil {
		t.Fatal(err)
	}
	return access.Principal{Tenant: 1, Subject: "user/clerk", Client: "test", Scopes: parsed}
}

func (t *story) put(body string) store.Result {
	t.Helper()
	r, err := t.desk.Update(t.Context(), parse(t.T, body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

// basic puts a Basic that refers to a patient.
func (t *story) basic(id, patient string) store.Result {
	t.Helper()
	return t.put(`{"resourceType":"Basic","id":"` + id + `","code":{"text":"x"},"subject":{"reference":"Patient/` + patient + `"}}`)
}

func (t *story) body(typ, id string) string {
	t.Helper()
	v, err := t.desk.Read(t.Context(), typ, id)
	if err != nil {
		t.Fatalf("%s/%s: %v", typ, id, err)
	}
	return string(v.Body)
}

// content is a body without what the server writes into meta.
func (t *story) content(typ, id string) string {
	t.Helper()
	r, err := uncommitted(parse(t.T, t.body(typ, id)))
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Raw())
}

func (t *story) found(typ, query string) string {
	t.Helper()
	ids, err := storetest.All(t.Context(), t.desk, typ, query)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

// call calls an operation of the module with Parameters whose list is given.
func (t *story) call(desk *store.Desk, code, list string) (fhir.Resource, error) {
	t.Helper()
	o, _ := t.modules.Operations().Find(code, operation.OnType, "Patient")
	in, _, err := o.Read([]search.Pair(nil), parse(t.T, `{"resourceType":"Parameters","parameter":[`+list+`]}`))
	if err != nil {
		return fhir.Resource{}, err
	}
	a, err := o.Perform(t.Context(), desk, operation.Call{Level: operation.OnType, Type: "Patient", In: in, Base: "http://here/fhir"})
	if err != nil {
		return fhir.Resource{}, err
	}
	return parse(t.T, string(a.Body)), nil
}

func reference(name, id string) string {
	return `{"name":"` + name + `","valueReference":{"reference":"Patient/` + id + `"}}`
}

func pair(source, target string) string {
	return reference("source-patient", source) + "," + reference("target-patient", target)
}

func (t *story) merge(source, target string) string {
	t.Helper()
	r, err := t.call(t.desk, "merge", pair(source, target))
	if err != nil {
		t.Fatalf("%s into %s: %v", source, target, err)
	}
	return string(r.Raw())
}

func (t *story) unmerge(source string) string {
	t.Helper()
	r, err := t.call(t.desk, "unmerge", reference("source-patient", source))
	if err != nil {
		t.Fatalf("unmerge %s: %v", source, err)
	}
	return string(r.Raw())
}

// refused asks for a fault of a kind with these words.
func (t *story) refused(what string, err error, kind fault.Kind, words string) {
	t.Helper()
	if !fault.Is(err, kind) || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v (%v), want %v with %q", what, err, fault.Of(err), kind, words)
	}
}

func (t *story) holds(what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		no, isNo := strings.CutPrefix(w, "!")
		if isNo == strings.Contains(text, no) {
			t.Errorf("%s: want %s in %s", what, w, text)
		}
	}
}
