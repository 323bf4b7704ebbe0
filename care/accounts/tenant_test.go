package accounts

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
)

func TestTenantsAreMadeOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var all sync.WaitGroup
		made := make(chan Tenant, 12)
		for i := range 12 {
			all.Go(func() {
				got, err := w.AddTenant(context.Background(), admin, fmt.Sprint("Site ", i%3))
				if err == nil {
					made <- got
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		list, err := w.Tenants(t.Context())
		if err != nil || len(made) != 3 || len(list) != 4 || list[0].Name != "General" || list[3].ID != 4 || !list[0].Created.Equal(start) {
			t.Errorf("%d made, %+v, %v", len(made), list, err)
		}
		if err := w.EnsureTenant(t.Context(), admin, "Another"); err != nil {
			t.Error(err)
		}
		if numbers, err := Numbers(t.Context(), w.d); err != nil || !slices.Equal(numbers, []int32{1, 2, 3, 4}) {
			t.Error(numbers, err)
		}
	})
}

func TestWhatCannotBeATenant(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		caller := access.Principal{Tenant: 1, Subject: "client/x"}
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
		}{
			"without a name": {failed(w.AddTenant(t.Context(), admin, "")), fault.Invalid},
			"taken":          {failed(w.AddTenant(t.Context(), admin, "General")), fault.Conflict},
			"by a client":    {failed(w.AddTenant(t.Context(), caller, "North")), fault.Forbidden},
			"off, by it":     {w.SetTenantActive(t.Context(), caller, 1, false), fault.Forbidden},
			"off, not there": {w.SetTenantActive(t.Context(), admin, 9, false), fault.Unknown},
			"not there":      {failed(w.Tenant(t.Context(), "North")), fault.Unknown},
		} {
			if !fault.Is(c.err, c.kind) {
				t.Errorf("%s: %v", name, c.err)
			}
		}
	})
}

func failed[T any](_ T, err error) error { return err }

func TestNobodySignsInToATenantThatIsOff(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		north, err := w.AddTenant(t.Context(), admin, "North")
		if err != nil {
			t.Fatal(err)
		}
		_, text, err := w.Issue(t.Context(), access.Inside(north.ID, "admin"), Order{Name: "a", Scopes: "system/*.rs"})
		if err != nil {
			t.Fatal(err)
		}
		for _, active := range []bool{false, true} {
			if err := w.SetTenantActive(t.Context(), admin, north.ID, active); err != nil {
				t.Fatal(err)
			}
			p, _, err := w.lookup(t, text)
			if (err == nil) != active || p.Tenant != north.ID || (p.Check(access.Read, "Patient") == nil) != active {
				t.Errorf("active %v: %+v %v", active, p, err)
			}
			if got, err := w.Tenant(t.Context(), "North"); err != nil || got.Active != active {
				t.Errorf("%+v %v", got, err)
			}
		}
		var got []string
		for e, err := range audit.Read(t.Context(), w.d, north.ID, audit.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Action+" "+e.Things[0].Type)
		}
		if want := []string{"create Tenant", "create Token", "update Tenant", "update Tenant"}; !slices.Equal(got, want) {
			t.Errorf("the audit says %v", got)
		}
	})
}
