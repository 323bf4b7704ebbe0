package core

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// diff is $diff of two versions of a resource, which R4 does not define: it answers the FHIRPath Patch
// (https://hl7.org/fhir/R4/fhirpatch.html) that makes the version "to" (default: the current one) of the
// version "from" (default: the one before it). What the server writes by itself, meta.versionId and
// meta.lastUpdated, is left out.
func diff() operation.Operation {
	return operation.Operation{
		Code: "diff", Definition: "urn:ficus:operation:Resource-diff", On: operation.OnInstance, Types: []string{"Resource"}, Right: access.VRead,
		In: []operation.Param{{Name: "from", Type: "string"}, {Name: "to", Type: "string"}},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			to, err := versionTo(ctx, desk, c)
			if err != nil {
				return operation.Answer{}, err
			}
			from, err := versionFrom(ctx, desk, c, to.Number)
			if err != nil {
				return operation.Answer{}, err
			}
			return difference(from, to)
		},
	}
}

func versionTo(ctx context.Context, desk *store.Desk, c operation.Call) (store.Version, error) {
	if v := c.In.Text("to"); v != "" {
		return desk.VRead(ctx, c.Type, c.ID, v)
	}
	return desk.Read(ctx, c.Type, c.ID)
}

func versionFrom(ctx context.Context, desk *store.Desk, c operation.Call, to int64) (store.Version, error) {
	if v := c.In.Text("from"); v != "" {
		return desk.VRead(ctx, c.Type, c.ID, v)
	}
	if to < 2 {
		return store.Version{}, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "there is no version before the first one; name one as from", Expression: "http.from"})
	}
	v, err := desk.VRead(ctx, c.Type, c.ID, strconv.FormatInt(to-1, 10))
	if fault.Is(err, fault.Gone) {
		return v, fault.At(fault.Invalid, fault.Issue{Code: "value", Expression: "http.from",
			Text: fmt.Sprintf("version %d, the one before, is a deletion, with which nothing can be compared; name another version as from, %d or lower", to-1, to-2)})
	}
	return v, err
}

func difference(from, to store.Version) (operation.Answer, error) {
	a, err := from.Resource()
	if err != nil {
		return operation.Answer{}, err
	}
	b, err := to.Resource()
	if err != nil {
		return operation.Answer{}, err
	}
	out, err := patchOf(a, b)
	if err != nil {
		return operation.Answer{}, err
	}
	return operation.Resource(out), nil
}
