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
		for name, values := range map[string][]string{AuditDays: {"1", "2555", Default}, AuditHold: {On, Off}, AlertPatients: {"50", Off}, AlertHours: {"07-19", "06-22@Europe/Berlin"}} {
			for _, value := range values {
				if err := w.Choose(t.Context(), admin, name, value); err != nil {
					t.Errorf("%s %s: %v", name, value, err)
				}
			}
		}
		for name, values := range map[string][]string{AuditDays: {"0", "-1", "+1", "x", "", On, "1000000"}, AuditHold: {"1"}, AlertPatients: {On, "0"}, AlertHours: {On, "07"}} {
			for _, value := range values {
				if err := w.Choose(t.Context(), admin, name, value); !fault.Is(err, fault.Invalid) {
					t.Errorf("%s %s: %v", name, value, err)
				}
			}
		}
		if err := w.Choose(t.Context(), admin, "color", On); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		if err := w.Choose(t.Context(), access.Principal{Tenant: 1}, Integrity, Off); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}
