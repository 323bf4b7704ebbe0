package storetest

import (
	"context"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
)

// wholeness: a transaction whose read fails is none, and what a UUID or a version stands for must be there and of the right type.
func wholeness(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Validate: func(_ context.Context, _ int32, r fhir.Resource) ([]fault.Issue, error) { return validate.Base(r), nil }})
	t.put(`{"resourceType":"Patient","id":"a"}`)
	t.put(`{"resourceType":"Patient","id":"gone"}`)
	if _, err := t.desk.Delete(t.ctx, "Patient", "gone"); err != nil {
		t.Fatal(err)
	}
	const put = `{"resource":{"resourceType":"Patient","id":"new"},"request":{"method":"PUT","url":"Patient/new"}}`
	for entry, kind := range map[string]fault.Kind{
		`{"request":{"method":"GET","url":"Patient/nobody"}}`:                                                  fault.Unknown,
		`{"request":{"method":"GET","url":"Patient?name=%20"}}`:                                                fault.Invalid,
		`{"request":{"method":"GET","url":"Patient?_cursor=x"}}`:                                               fault.Invalid,
		`{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneExist":""}}`: fault.Invalid,
		`{"request":{"method":"DELETE","url":"Patient/a","ifMatch":""}}`:                                       fault.Invalid,
		`{"request":{"method":"GET","url":"Patient/gone"}}`:                                                    fault.Gone,
		`{"request":{"method":"GET","url":"Patient/a/_history/9"}}`:                                            fault.Unknown,
		`{"request":{"method":"GET","url":"Patient/a"}},{"request":{"method":"DELETE","url":"Patient/a"}}`:     fault.Gone,
		`{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":{"resourceType":"Practitioner"},"request":{"method":"POST","url":"Practitioner"}},
		 {"resource":{"resourceType":"Condition","subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000001"}},"request":{"method":"POST","url":"Condition"}}`: fault.Unprocessable,
		`{"resource":{"resourceType":"Condition","subject":{"reference":"Patient/a/_history/2"}},"request":{"method":"POST","url":"Condition"}}`: fault.Unprocessable,
	} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", put+","+entry))
		if !fault.Is(err, kind) {
			t.Errorf("%s: %v", entry, err)
		}
		if _, err := t.desk.Read(t.ctx, "Patient", "new"); !fault.Is(err, fault.Unknown) {
			t.Errorf("%s: something was stored", entry)
		}
	}
	replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction", put+`,
		{"request":{"method":"GET","url":"Patient/new"}},{"request":{"method":"GET","url":"Patient/a/_history/1"}},
		{"resource":{"resourceType":"Condition","subject":{"reference":"Patient/a/_history/1"}},"request":{"method":"POST","url":"Condition"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range replies {
		if r.Err != nil {
			t.Errorf("entry %d: %v", i, r.Err)
		}
	}
}
