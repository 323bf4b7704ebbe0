package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

// TestAClientIsLookedAfter from its making to its end, and never shows its secret again.
func TestAClientIsLookedAfter(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		made := w.want(http.StatusCreated, "POST", "/api/v1/admin/clients", ada, `{"name":"Nightly","token_endpoint_auth_method":"client_secret_basic","grant_types":["client_credentials"],"scopes":["system/*.rs"]}`)
		path, secret := made.header.Get("Location"), made.str("client_secret")
		got := w.want(http.StatusOK, "GET", path, ada, "")
		if secret == "" || strings.Contains(got.raw, secret) || got.header.Get("ETag") != made.header.Get("ETag") {
			t.Fatal(made, got)
		}
		c, err := w.Client(t.Context(), got.str("id"))
		must(t, err)
		g, err := w.Own(t.Context(), c, []string{"system/*.rs"}, time.Hour)
		must(t, err)
		w.want(http.StatusOK, "PATCH", path, ada, `{"name":"Nightly load"}`, "If-Match", got.header.Get("ETag"))
		w.want(http.StatusPreconditionFailed, "PATCH", path, ada, `{"name":"x"}`, "If-Match", got.header.Get("ETag"))
		if _, err := w.Grant(t.Context(), 1, g.ID); err != nil {
			t.Error("a new name ends nothing:", err)
		}
		w.want(http.StatusOK, "PATCH", path, ada, `{"scopes":["system/Patient.rs"]}`)
		if _, err := w.Grant(t.Context(), 1, g.ID); err == nil {
			t.Error("what it had before goes on")
		}
		fresh := w.want(http.StatusOK, "POST", path+"/secret", ada, "").str("client_secret")
		if c, err = w.Client(t.Context(), c.ID); err != nil || c.Knows(secret) || !c.Knows(fresh) || c.Name != "Nightly load" {
			t.Error(c, err)
		}
		w.want(http.StatusBadRequest, "PATCH", path, ada, `{"scopes":["system/Nothing.rs"]}`)
		w.want(http.StatusBadRequest, "PATCH", path, ada, `{"redirect_uris":["http://example.org/"]}`)
		w.want(http.StatusNoContent, "DELETE", path, ada, "")
		w.want(http.StatusNotFound, "GET", path, ada, "")
		app := w.want(http.StatusCreated, "POST", "/api/v1/admin/clients", ada, `{"name":"App","token_endpoint_auth_method":"none","grant_types":["authorization_code"],"redirect_uris":["https://app.example/cb"],"scopes":["user/Patient.rs"]}`)
		w.want(http.StatusConflict, "POST", app.header.Get("Location")+"/secret", ada, "")
		for _, x := range []string{"PATCH ", "DELETE "} {
			w.want(http.StatusConflict, strings.TrimSpace(x), "/api/v1/admin/clients/"+accounts.OwnClient(1), ada, `{"name":"x"}`)
		}
	})
}

// TestNobodyMakesAProgramThatMayDoMoreThanHe, or takes one over.
func TestNobodyMakesAProgramThatMayDoMoreThanHe(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.user(t, 1, "max", append(to("accounts", access.Reading, access.Writing), to("Patient", access.Reading)...)...)
		max := w.token("max")
		strong, _, err := w.Register(t.Context(), inside(1), accounts.Client{Name: "strong", Method: accounts.MethodBasic, Grants: []string{accounts.GrantClient}, Scopes: []string{"system/*.rs"}})
		must(t, err)
		at := "/api/v1/admin/clients/" + strong.ID
		made := w.want(http.StatusCreated, "POST", "/api/v1/admin/clients", max, `{"name":"weak","token_endpoint_auth_method":"client_secret_post","grant_types":["client_credentials"],"scopes":["system/Patient.rs"]}`)
		for _, x := range []struct{ method, path, body string }{
			{"POST", "/api/v1/admin/clients", `{"name":"n","token_endpoint_auth_method":"client_secret_basic","grant_types":["client_credentials"],"scopes":["system/Observation.rs"]}`},
			{"PATCH", made.header.Get("Location"), `{"scopes":["system/Patient.cruds"]}`}, {"PATCH", at, `{"name":"mine"}`}, {"POST", at + "/secret", ""}, {"DELETE", at, ""},
		} {
			w.want(http.StatusForbidden, x.method, x.path, max, x.body)
		}
		if c, err := w.Client(t.Context(), strong.ID); err != nil || c.Name != "strong" {
			t.Error(c, err)
		}
		w.want(http.StatusNoContent, "DELETE", made.header.Get("Location"), max, "")
	})
}

// TestSettingsAreChosen by name, and are what they were when they are given up.
func TestSettingsAreChosen(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		const at = "/api/v1/admin/settings/audit-days"
		if h := w.want(http.StatusOK, "GET", at, ada, ""); h.str("value") != "default" {
			t.Error(h)
		}
		w.want(http.StatusOK, "PATCH", at, ada, `{"value":"4000"}`)
		w.want(http.StatusBadRequest, "PATCH", at, ada, `{"value":"soon"}`)
		w.want(http.StatusNotFound, "PATCH", "/api/v1/admin/settings/nothing", ada, `{"value":"on"}`)
		w.want(http.StatusNotFound, "GET", "/api/v1/admin/settings/nothing", ada, "")
		if h := w.want(http.StatusOK, "GET", "/api/v1/admin/settings", ada, ""); !strings.Contains(h.raw, `{"name":"audit-days","value":"4000"}`) || h.num("total") != len(accounts.SettingNames()) {
			t.Error(h)
		}
		w.want(http.StatusNoContent, "DELETE", at, ada, "")
		if h := w.want(http.StatusOK, "GET", at, ada, ""); h.str("value") != "default" {
			t.Error(h)
		}
	})
}

// TestTenantsAreLookedAfterFromTheFirst by who has the permission, and by nobody else.
func TestTenantsAreLookedAfterFromTheFirst(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, cyd := w.token("ada"), w.token("cyd")
		made := w.want(http.StatusCreated, "POST", "/api/v1/admin/tenants", ada, `{"name":"South"}`)
		path := made.header.Get("Location")
		if path != "/api/v1/admin/tenants/3" || made.str("login") != "admin" {
			t.Fatal(path, made)
		}
		w.want(http.StatusConflict, "POST", "/api/v1/admin/tenants", ada, `{"name":"South"}`)
		w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(3, "admin", made.str("password")))
		w.want(http.StatusOK, "PATCH", path, ada, `{"is_active":false}`)
		w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/login", "", withPassword(3, "admin", made.str("password")))
		w.want(http.StatusOK, "PATCH", path, ada, `{"is_active":true}`)
		w.want(http.StatusNoContent, "DELETE", path, ada, "")
		if h := w.want(http.StatusOK, "GET", path, ada, ""); h.body["is_active"] != false {
			t.Error(h)
		}
		w.want(http.StatusConflict, "DELETE", "/api/v1/admin/tenants/1", ada, "")
		w.want(http.StatusForbidden, "POST", "/api/v1/admin/tenants", cyd, `{"name":"West"}`)
		w.want(http.StatusForbidden, "PATCH", "/api/v1/admin/tenants/2", cyd, `{"is_active":false}`)
		w.want(http.StatusNotFound, "GET", "/api/v1/admin/tenants/1", cyd, "")
		w.want(http.StatusNotFound, "DELETE", "/api/v1/admin/tenants/1", cyd, "")
		if h := w.want(http.StatusOK, "GET", "/api/v1/admin/tenants", cyd, ""); h.num("total") != 1 || h.items()[0].str("id") != "2" {
			t.Error(h)
		}
		must(t, w.Forbid(t.Context(), inside(1), "role of ada", to("tenants", access.Writing)[0]))
		w.later(4 * time.Second)
		if h := w.want(http.StatusForbidden, "POST", "/api/v1/admin/tenants", ada, `{"name":"West"}`); !strings.HasSuffix(h.str("detail"), "tenants:write") {
			t.Error(h)
		}
	})
}

// TestSessionsOfOthersAreSeenAndEnded by who looks after accounts.
func TestSessionsOfOthersAreSeenAndEnded(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, bob := w.token("ada"), w.token("bob")
		h := w.want(http.StatusOK, "GET", "/api/v1/admin/sessions?user_id="+w.ids["bob"], ada, "")
		if h.num("total") != 1 || fmt.Sprint(h.items()[0].body["factors"]) != "[pwd]" {
			t.Fatal(h)
		}
		at := "/api/v1/admin/sessions/" + h.items()[0].str("id")
		if one := w.want(http.StatusOK, "GET", at, ada, ""); one.str("user_id") != w.ids["bob"] {
			t.Error(one)
		}
		w.want(http.StatusForbidden, "DELETE", at, w.token("nia"), "")
		w.want(http.StatusNoContent, "DELETE", at, ada, "")
		w.want(http.StatusNotFound, "DELETE", at, ada, "")
		w.want(http.StatusNotFound, "GET", at, ada, "")
		w.later(4 * time.Second)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", bob, "")
	})
}
