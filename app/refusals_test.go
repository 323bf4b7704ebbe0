package app

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestWhoIsRefusedIsOnRecord of the tenant whose credentials were shown, without them.
func TestWhoIsRefusedIsOnRecord(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, at string) {
		a, address := servedWithSignIn(t, at, Config{})
		north, err := a.Accounts.AddTenant(t.Context(), everything(), "North")
		if err != nil {
			t.Fatal(err)
		}
		they := newStrangers(t, a, address, north.ID, "cyd")
		h := they.hold(a, north.ID, "cyd")
		they.post("/oauth/token", "", "grant_type", "client_credentials", "client_id", they.id, "client_secret", "wrong secret")
		they.post("/oauth/revoke", they.client, "token", h.access)
		they.get("/oauth/userinfo", "Bearer "+h.access)
		they.get("/fhir/Patient", "Bearer e30.e30.e30")
		wants := map[string]int32{"client/" + they.id + " POST /oauth/token": north.ID, "user GET /oauth/userinfo": north.ID, " /fhir/{type}": accounts.First}
		for range 100 {
			for tenant := range map[int32]bool{accounts.First: true, north.ID: true} {
				for _, found := range refusedOf(t, a, tenant) {
					if wants[found] == tenant {
						delete(wants, found)
					}
				}
			}
			if len(wants) == 0 {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("not on record: %v; there is %q and %q", wants, refusedOf(t, a, accounts.First), refusedOf(t, a, north.ID))
	})
}

// refusedOf lists who was refused where.
func refusedOf(t *testing.T, a *App, tenant int32) (list []string) {
	t.Helper()
	for e, err := range audit.Read(t.Context(), a.DB, tenant, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		detail := e.Reason + " " + e.Detail
		if strings.Contains(detail, "wrong secret") || strings.Contains(detail, "e30.") {
			t.Error("a credential is on record:", detail)
		}
		route, _, _ := strings.Cut(e.Detail, "; ")
		who := e.Subject
		if strings.HasPrefix(who, "user/") {
			who = "user"
		}
		if e.Outcome == audit.Refused && e.Action == "signin" {
			list = append(list, who+" "+route)
		}
	}
	return list
}
