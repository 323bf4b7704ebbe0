package store_test

import (
	"context"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// A mistake of an operation is the end of its entry, not of the server.
func TestAnEntryThatPanics(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		b, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"$bad"}},{"request":{"method":"POST","url":"$good"}}]}`), fhir.Limits{})
		if err != nil {
			x.Fatal(err)
		}
		replies, err := x.desk.BatchWith(x.Context(), fhir.Bundle{Resource: b}, func(_ context.Context, e fhir.Entry) (store.Reply, bool, error) {
			if e.Request.URL == "$bad" {
				panic("a mistake")
			}
			return store.Reply{Answer: []byte(`{}`)}, true, nil
		})
		if err != nil || !fault.Is(replies[0].Err, fault.Internal) || replies[1].Err != nil {
			x.Errorf("%+v %v", replies, err)
		}
	})
}
