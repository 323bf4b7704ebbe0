package accounts

import (
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// TestAUserIsSomebody for all that he does from then on, by a session or a token.
func TestAUserIsSomebody(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.user(t, NewUser{Login: "ada"}, permit("Patient", access.Reading, access.Own))
		who := Person{"Patient/9", "31", "30", "N", "TREAT"}
		if err := w.SetPerson(t.Context(), admin, u.ID, who); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Person(t.Context(), 1, u.ID); err != nil || got != who {
			t.Error(got, err)
		}
		mask, err := access.ParseMask("Patient", "telecom", "hide")
		if err != nil {
			t.Fatal(err)
		}
		_, text, err := w.Issue(t.Context(), admin, Order{Name: "x", User: u.ID, Scopes: "system/*.cruds user/*.cruds patient/*.rs", Clearance: "L", Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := w.lookup(t, text)
		if err != nil || p.Scopes.String() != "user/Patient.rs patient/*.rs" || p.Person != "Patient/9" || p.Patient != "9" || p.Department != "31" || p.Organization != "30" || p.Clearance != "L" || p.Purpose != "TREAT" {
			t.Errorf("%+v %v", p, err)
		}
		if in := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword})); in.Person != "Patient/9" || in.Clearance != "N" || in.Masked() {
			t.Errorf("%+v", in)
		}
		role := rolesOf(t, w)[0]
		if err := w.Mask(t.Context(), admin, role, mask); err != nil {
			t.Fatal(err)
		}
		if in := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword})); !in.Masked() {
			t.Error("the mask does not count")
		}
		if err := w.Unmask(t.Context(), admin, role, mask); err != nil {
			t.Error(err)
		}
		if err := w.Unmask(t.Context(), admin, role, mask); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
	})
}

func rolesOf(t *testing.T, w *world) (names []string) {
	t.Helper()
	all, err := w.Roles(t.Context(), 1)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, r := range all {
		names = append(names, r.Name)
	}
	return names
}

// TestWhoLooksAfterAccountsBecomesNobodyElse: neither by saying who somebody is, nor by the password of one who sees more.
func TestWhoLooksAfterAccountsBecomesNobodyElse(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u, nurse := w.user(t, NewUser{Login: "ada"}), w.user(t, NewUser{Login: "nurse"}, permit("Observation", access.Reading, access.Department))
		near := access.Principal{Tenant: 1, Subject: "user/near", Roles: access.NewRoles(permit("accounts", access.Writing, access.All), permit("Observation", access.Reading, access.Department))}
		clerk := access.Principal{Tenant: 1, Subject: "user/clerk", Roles: access.NewRoles(permit("accounts", access.Writing, access.All), permit("Observation", access.Reading, access.All))}
		if _, err := w.ResetPassword(t.Context(), near, nurse.ID); !fault.Is(err, fault.Forbidden) { // perhaps of another department
			t.Error(err)
		}
		for _, id := range []string{u.ID, nurse.ID} {
			if _, err := w.ResetPassword(t.Context(), clerk, id); err != nil {
				t.Error(err)
			}
		}
		for _, n := range []Person{{Department: "31"}, {Organization: "30"}, {Resource: "Patient/9"}} {
			if err := w.SetPerson(t.Context(), clerk, u.ID, n); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%+v: %v", n, err)
			}
			if err := w.SetPerson(t.Context(), admin, u.ID, n); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.ResetPassword(t.Context(), clerk, u.ID); !fault.Is(err, fault.Forbidden) { // a patient reads his own record
			t.Error(err)
		}
		if err := w.SetPerson(t.Context(), admin, u.ID, Person{Clearance: "R"}); err != nil {
			t.Fatal(err)
		}
		clerk.Clearance = "N"
		if _, err := w.ResetPassword(t.Context(), clerk, u.ID); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		for _, n := range []Person{{Resource: "Device/1"}, {Resource: "Patient"}, {Department: "a b"}, {Clearance: "X"}, {Purpose: "a b"}} {
			if err := w.SetPerson(t.Context(), admin, u.ID, n); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", n, err)
			}
		}
		if err := w.SetPerson(t.Context(), admin, "none", Person{}); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
	})
}
