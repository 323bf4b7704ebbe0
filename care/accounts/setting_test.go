package accounts

import (
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

func TestATenantChooses(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		if got, err := w.Chosen(t.Context(), 1); err != nil || len(got) != 0 {
			t.Fatal(got, err)
		}
		for _, value := range []string{Off, On, Default, Off} {
			if err := w.Choose(t.Context(), admin, Integrity, value); err != nil {
				t.Fatal(err)
			}
			if got, err := w.Chosen(t.Context(), 1); err != nil || got[Integrity] != value {
				t.Errorf("%v, want %s (%v)", got, value, err)
			}
		}
		if got, err := w.Chosen(t.Context(), 2); err != nil || len(got) != 0 {
			t.Errorf("another tenant has %v (%v)", got, err)
		}
		if got := w.actions(t); !slices.Contains(got, "choose Setting integrity=off") {
			t.Error(got)
		}
		if err := w.Choose(t.Context(), admin, Integrity, "maybe"); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		if err := w.Choose(t.Context(), admin, "color", On); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		if err := w.Choose(t.Context(), access.Principal{Tenant: 1}, Integrity, Off); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}
