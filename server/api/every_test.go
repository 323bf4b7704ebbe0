package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
)

// TestEveryOperationIsAnswered as the document says: one that has no row here fails. What is changed is on record.
func TestEveryOperationIsAnswered(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, bob, h := w.token("ada"), w.enter(1, "bob"), heard{}
		at := func(method, path, body string) heard {
			t.Helper()
			h = w.ask(method, Root+path, ada, body)
			if h.status >= 400 {
				t.Fatal(method, path, h)
			}
			return h
		}
		follow := func() string { return strings.TrimPrefix(h.header.Get("Location"), Root) }
		at("GET", "/openapi.json", "")
		at("POST", "/auth/refresh", `{"refresh_token":"`+bob.str("refresh_token")+`"}`)
		at("GET", "/auth/me", "")
		at("POST", "/auth/change-password", `{"current_password":"`+password+`","new_password":"another horse here","confirm_password":"another horse here"}`)
		totp := at("POST", "/auth/factors/totp", "")
		at("POST", "/auth/factors/totp/"+totp.str("id")+"/confirm", js(map[string]string{"code": codeOf(t, totp.str("uri"), w.now())}))
		codes, _ := at("POST", "/auth/factors/recovery-codes", `{"password":"another horse here"}`).body["recovery_codes"].([]any)
		ticket := at("POST", "/auth/login", withPassword(1, "ada", "another horse here")).str("ticket")
		second := at("POST", "/auth/factor", js(map[string]any{"ticket": ticket, "code": codes[0]})).str("access_token")
		w.want(http.StatusOK, "POST", "/auth/logout", second, "")
		at("GET", "/auth/factors", "")
		at("POST", "/auth/factors/off", `{"password":"another horse here"}`)
		at("POST", "/auth/login", withPassword(1, "ada", "another horse here"))
		id := w.want(http.StatusOK, "GET", "/auth/me", h.str("access_token"), "").str("session_id")
		at("GET", "/auth/sessions", "")
		at("DELETE", "/auth/sessions/"+id, "")

		at("POST", "/admin/roles", `{"name":"ward"}`)
		role := follow()
		at("GET", "/admin/roles", "")
		at("GET", role, "")
		at("PATCH", role, `{"permissions":[{"resource":"Patient","action":"read","reach":"all"}]}`)
		at("GET", "/admin/permissions", "")
		at("POST", "/admin/permissions", `{"role":"ward","resource":"Goal","action":"read","reach":"own"}`)
		permission := follow()
		at("GET", permission, "")
		at("DELETE", permission, "")
		at("POST", "/admin/users", `{"login":"eve"}`)
		user := follow()
		at("GET", "/admin/users", "")
		at("GET", user, "")
		at("PATCH", user, `{"full_name":"Eve"}`)
		once := at("POST", user+"/reset", "").str("password")
		at("POST", user+"/unlock", "")
		at("PUT", user+"/roles/ward", "")
		at("DELETE", user+"/roles/ward", "")
		eve := w.want(http.StatusOK, "POST", "/auth/login", "", withPassword(1, "eve", once)).str("access_token")
		w.want(http.StatusOK, "POST", "/auth/change-password", eve, `{"current_password":"`+once+`","new_password":"another horse here","confirm_password":"another horse here"}`)
		w.want(http.StatusCreated, "POST", "/auth/factors/totp", eve, "")
		at("DELETE", user+"/factors", "")
		at("DELETE", user, "")
		at("DELETE", role, "")
		at("POST", "/admin/clients", `{"name":"n","token_endpoint_auth_method":"client_secret_basic","grant_types":["client_credentials"],"scopes":["system/*.rs"]}`)
		client := follow()
		at("GET", "/admin/clients", "")
		at("GET", client, "")
		at("PATCH", client, `{"name":"m"}`)
		at("POST", client+"/secret", "")
		at("DELETE", client, "")
		at("GET", "/admin/settings", "")
		at("PATCH", "/admin/settings/integrity", `{"value":"on"}`)
		at("GET", "/admin/settings/integrity", "")
		at("DELETE", "/admin/settings/integrity", "")
		at("POST", "/admin/tenants", `{"name":"South"}`)
		tenant := follow()
		at("GET", "/admin/tenants", "")
		at("GET", tenant, "")
		at("PATCH", tenant, `{"is_active":true}`)
		at("DELETE", tenant, "")
		at("GET", "/admin/sessions", "")
		session := h.items()[0].str("id")
		if session == w.want(http.StatusOK, "GET", "/auth/me", ada, "").str("session_id") {
			session = h.items()[1].str("id")
		}
		at("GET", "/admin/sessions/"+session, "")
		at("DELETE", "/admin/sessions/"+session, "")
		at("GET", "/patients/p1/audit", "")
		at("GET", "/audit?limit=100&user=user/"+w.ids["ada"], "")
		at("GET", "/openapi.json", "")

		for path, methods := range w.doc.Paths {
			for method := range methods {
				if !w.asked[strings.ToUpper(method)+" "+path] {
					t.Error("no row for", strings.ToUpper(method), path)
				}
			}
		}
		w.onRecord(ada)
	})
}

// onRecord looks for what ada has changed.
func (w *world) onRecord(token string) {
	w.t.Helper()
	seen := map[string]bool{}
	for cursor := ""; ; {
		h := w.want(http.StatusOK, "GET", "/api/v1/audit?limit=100&cursor="+cursor, token, "")
		for _, e := range h.items() {
			for _, r := range asList(e.body["resources"]) {
				seen[e.str("action")+" "+heard{body: r}.str("type")] = true
			}
		}
		if cursor = h.str("next"); cursor == "" {
			break
		}
	}
	for _, want := range []string{"signin User", "grant Grant", "spend-refresh Grant", "change-password User", "create Factor", "confirm Factor", "create RecoveryCodes", "drop-factors User", "delete Session",
		"create Role", "permit Role", "forbid Role", "give Role", "take Role", "delete Role", "create User", "update User", "reset-password User", "unlock User",
		"create Client", "update Client", "new-secret Client", "delete Client", "choose Setting"} {
		if !seen[want] {
			w.t.Error("not on record:", want)
		}
	}
}

func asList(v any) (list []map[string]any) {
	all, _ := v.([]any)
	for _, x := range all {
		m, _ := x.(map[string]any)
		list = append(list, m)
	}
	return list
}

// TestEveryRouteAsksForWhatTheDocumentSays: a token, of somebody whose roles allow it, and of a service never.
func TestEveryRouteAsksForWhatTheDocumentSays(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		bob := w.token("bob")
		_, service, err := w.Issue(t.Context(), inside(1), accounts.Order{Name: "service", Scopes: "system/*.cruds"})
		must(t, err)
		closed := 0
		for _, r := range w.s.Routes() {
			if r.Open {
				continue
			}
			closed++
			path := strings.NewReplacer("{id}", "x", "{name}", "x", "{role}", "x", "{resource}", "*", "{action}", "read", "{reach}", "all").Replace(r.Path)
			for _, token := range []string{"", "x", "ficus_x", "e30.e30.e30", bob + "x"} {
				if h := w.want(http.StatusUnauthorized, r.Method, path, token, `{}`); h.header.Get("WWW-Authenticate") == "" {
					t.Error(h.header)
				}
			}
			needs := []string{}
			if o := w.doc.Paths[r.Path][strings.ToLower(r.Method)]; o.Security != nil {
				needs = o.Security[0]["bearer"]
			}
			if strings.Contains(r.Path, "/admin/") != (len(needs) > 0) {
				t.Error(r, "needs", needs)
			}
			if len(needs) == 0 {
				continue
			}
			for _, token := range []string{bob, service} {
				if h := w.want(http.StatusForbidden, r.Method, path, token, `{}`); h.str("detail") != fmt.Sprintf("Insufficient permissions. Missing scopes: %s", strings.Join(needs, ", ")) {
					t.Error(r, h)
				}
			}
		}
		denied := map[string]bool{}
		ada := w.token("ada")
		for cursor := ""; ; {
			h := w.want(http.StatusOK, "GET", "/api/v1/audit?limit=100&success=false&user=user/"+w.ids["bob"]+"&cursor="+cursor, ada, "")
			for _, e := range h.items() {
				if strings.Contains(e.str("reason"), "Missing scopes") {
					denied[e.str("action")+" "+heard{body: asList(e.body["resources"])[0]}.str("type")] = true
				}
			}
			if cursor = h.str("next"); cursor == "" {
				break
			}
		}
		for _, want := range []string{"read User", "create User", "update User", "delete User", "give User", "create Role", "delete Role", "update Client", "update Setting", "create Tenant", "delete Session"} {
			if !denied[want] {
				t.Error("not on record as refused:", want, denied)
			}
		}
		if open := len(w.s.Routes()) - closed; open != 7 {
			t.Error("so many routes are open:", open, slices.Collect(func(yield func(Route) bool) {
				for _, r := range w.s.Routes() {
					if r.Open && !yield(r) {
						return
					}
				}
			}))
		}
	})
}
