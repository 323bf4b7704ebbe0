package load

import (
	"context"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Desk is a store of this process as a target.
type Desk struct{ *store.Desk }

// Send carries out the bundle.
func (d Desk) Send(ctx context.Context, transaction bool, bundle []byte) ([]Answer, error) {
	r, err := fhir.Parse(bundle, fhir.Limits{Bytes: maxFile})
	if err != nil {
		return nil, err
	}
	send := d.Batch
	if transaction {
		send = d.Transaction
	}
	replies, err := send(ctx, fhir.Bundle{Resource: r})
	if err != nil {
		return nil, explained(err)
	}
	all := make([]Answer, len(replies))
	for i, r := range replies {
		all[i] = Answer{Effect: effect(r.Result.Effect), Err: explained(r.Err)}
	}
	return all, nil
}

func effect(e store.Effect) Effect {
	switch e {
	case store.Created:
		return Created
	case store.Unchanged:
		return Unchanged
	}
	return Updated
}

// explained adds the places to the text, as an OperationOutcome has them.
func explained(err error) error {
	f := fault.Find(err)
	if f == nil || len(f.Issues) == 0 {
		return err
	}
	o, failed := fhir.ParseValue(fhir.Outcome("error", f.Issues...).JSON(), fhir.Limits{})
	if failed != nil {
		return err
	}
	return fault.New(f.Kind, "%s", reason(o))
}
