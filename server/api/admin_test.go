package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

// TestAUserIsLookedAfter from the first day to the last.
func TestAUserIsLookedAfter(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		made := w.want(http.StatusCreated, "POST", "/api/v1/admin/users", ada, `{"login":"eve","email":"Eve@example.org","full_name":"Eve Moneypenny","roles":["role of bob"]}`)
		u, _ := made.body["user"].(map[string]any)
		at, _ := made.header["Location"], u["id"]
		path := at[0]
		if u["email"] != "eve@example.org" || u["must_change_password"] != true || len(made.str("password")) < 16 {
			t.Fatal(made)
		}
		got := w.want(http.StatusOK, "GET", path, ada, "")
		if got.header.Get("ETag") != made.header.Get("ETag") || got.str("login") != "eve" {
			t.Error(got, got.header)
		}
		w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(1, "eve", made.str("password")))
		changed := w.want(http.StatusOK, "PATCH", path, ada, `{"full_name":"Eve"}`, "If-Match", got.header.Get("ETag"))
		if changed.str("full_name") != "Eve" || changed.str("email") != "eve@example.org" || changed.header.Get("ETag") == got.header.Get("ETag") {
			t.Error(changed)
		}
		if old := w.want(http.StatusPreconditionFailed, "PATCH", path, ada, `{"full_name":"Mallory"}`, "If-Match", got.header.Get("ETag")); old.str("code") != "stale" || old.str("hint") == "" {
			t.Error(old)
		}
		w.want(http.StatusOK, "PATCH", path, ada, `{"full_name":"Eve M."}`, "If-Match", "*")
		w.want(http.StatusConflict, "PATCH", path, ada, `{"email":"bob@example.org"}`)
		w.want(http.StatusBadRequest, "PATCH", path, ada, `{"email":"bob"}`)
		w.want(http.StatusConflict, "POST", "/api/v1/admin/users", ada, `{"login":"eve"}`)
		w.want(http.StatusBadRequest, "POST", "/api/v1/admin/users", ada, `{"login":"eve2","roles":["no such role"]}`)
		if list := w.want(http.StatusOK, "GET", "/api/v1/admin/users?q=eve2", ada, ""); list.num("total") != 0 {
			t.Error("a user was made by half:", list)
		}
		reset := w.want(http.StatusOK, "POST", path+"/reset", ada, "")
		w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/login", "", withPassword(1, "eve", made.str("password")))
		w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(1, "eve", reset.str("password")))
		for range 2 {
			w.want(http.StatusNoContent, "PUT", path+"/roles/role%20of%20nia", ada, "")
		}
		if got := w.want(http.StatusOK, "GET", path, ada, ""); fmt.Sprint(got.body["roles"]) != "[role of bob role of nia]" {
			t.Error(got)
		}
		w.want(http.StatusNoContent, "DELETE", path+"/roles/role%20of%20bob", ada, "")
		w.want(http.StatusNotFound, "DELETE", path+"/roles/role%20of%20bob", ada, "")
		w.want(http.StatusNotFound, "PUT", path+"/roles/none", ada, "")
		w.want(http.StatusNotFound, "DELETE", path+"/factors", ada, "")
		w.want(http.StatusNoContent, "DELETE", path, ada, "")
		w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/login", "", withPassword(1, "eve", reset.str("password")))
		if list := w.want(http.StatusOK, "GET", "/api/v1/admin/users?is_active=false", ada, ""); list.num("total") != 1 || list.items()[0].str("login") != "eve" {
			t.Error("he stays:", list)
		}
		w.want(http.StatusConflict, "DELETE", "/api/v1/admin/users/"+w.ids["ada"], ada, "")
	})
}

// TestWhoFailedTooOftenIsUnlocked on whatever device, by the login and by the address.
func TestWhoFailedTooOftenIsUnlocked(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		fail := func(login string) int {
			return w.ask("POST", "/api/v1/auth/login", "", withPassword(1, login, "wrong horse battery")).status
		}
		for _, login := range []string{"bob", "Bob@example.org"} {
			for range 5 {
				if got := fail(login); got != http.StatusUnauthorized {
					t.Fatal(got)
				}
			}
			w.want(http.StatusTooManyRequests, "POST", "/api/v1/auth/login", "", withPassword(1, login, password))
		}
		w.want(http.StatusNoContent, "POST", "/api/v1/admin/users/"+w.ids["bob"]+"/unlock", ada, "")
		for _, login := range []string{"bob", "Bob@example.org"} {
			w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(1, login, password))
		}
		for range 5 {
			fail("bob")
		}
		w.want(http.StatusTooManyRequests, "POST", "/api/v1/auth/login", "", withPassword(1, "bob", password))
	})
}

// TestRolesAreMadeAndChanged as a whole, and permission by permission.
func TestRolesAreMadeAndChanged(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		made := w.want(http.StatusCreated, "POST", "/api/v1/admin/roles", ada, `{"name":"ward / nurse","permissions":[{"resource":"Observation","action":"read","reach":"department"}]}`)
		at := made.header.Get("Location")
		if at != "/api/v1/admin/roles/ward%20%2F%20nurse" || fmt.Sprint(made.body["scopes"]) != "[observations:read:department]" {
			t.Fatal(at, made)
		}
		got := w.want(http.StatusOK, "GET", at, ada, "")
		w.want(http.StatusCreated, "POST", "/api/v1/admin/permissions", ada, `{"role":"ward / nurse","resource":"Patient","action":"read","reach":"all"}`)
		w.want(http.StatusPreconditionFailed, "PATCH", at, ada, `{"permissions":[]}`, "If-Match", got.header.Get("ETag"))
		one := "/api/v1/admin/permissions/ward%20%2F%20nurse/Patient/read/all"
		w.want(http.StatusOK, "GET", one, ada, "")
		w.want(http.StatusNoContent, "DELETE", one, ada, "")
		w.want(http.StatusNotFound, "GET", one, ada, "")
		w.want(http.StatusNotFound, "DELETE", one, ada, "")
		w.want(http.StatusNotFound, "DELETE", "/api/v1/admin/permissions/ward%20%2F%20nurse/Nothing/read/all", ada, "")
		changed := w.want(http.StatusOK, "PATCH", at, ada, `{"permissions":[{"resource":"*","action":"read","reach":"own"},{"resource":"Patient","action":"write","reach":"all"}]}`, "If-Match", got.header.Get("ETag"))
		if fmt.Sprint(changed.body["scopes"]) != "[*:read:own patients:write]" {
			t.Error(changed)
		}
		if list := w.want(http.StatusOK, "GET", "/api/v1/admin/permissions?role=ward+/+nurse&page_size=1", ada, ""); list.num("total") != 2 || list.body["has_next"] != true {
			t.Error(list)
		}
		for _, body := range []string{`{"permissions":[{"resource":"Nothing","action":"read","reach":"own"}]}`, `{"permissions":[{"resource":"Patient","action":"see","reach":"own"}]}`, `{"permissions":[{"resource":"Patient"}]}`} {
			if h := w.want(http.StatusUnprocessableEntity, "PATCH", at, ada, body); !strings.HasPrefix(h.str("field"), "permissions[0]") {
				t.Error(h)
			}
		}
		w.want(http.StatusConflict, "POST", "/api/v1/admin/roles", ada, `{"name":"ward / nurse"}`)
		w.want(http.StatusConflict, "DELETE", "/api/v1/admin/roles/role%20of%20bob", ada, "")
		w.want(http.StatusNoContent, "DELETE", at, ada, "")
		w.want(http.StatusNotFound, "GET", at, ada, "")
	})
}

// TestNobodyRises above what he may do: by a role, a user, or a password.
func TestNobodyRises(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.user(t, 1, "max", to("accounts", access.Reading, access.Writing)...)
		max := w.token("max")
		for _, x := range []struct{ method, path, body string }{
			{"POST", "/admin/roles", `{"name":"r","permissions":[{"resource":"Patient","action":"read","reach":"own"}]}`},
			{"PATCH", "/admin/roles/role%20of%20max", `{"permissions":[{"resource":"Patient","action":"read","reach":"own"}]}`},
			{"PATCH", "/admin/roles/role%20of%20ada", `{"permissions":[]}`},
			{"DELETE", "/admin/roles/role%20of%20ada", ""},
			{"POST", "/admin/permissions", `{"role":"role of max","resource":"*","action":"write","reach":"all"}`},
			{"POST", "/admin/users", `{"login":"tim","roles":["role of bob"]}`},
			{"PUT", "/admin/users/" + w.ids["max"] + "/roles/role%20of%20ada", ""},
			{"POST", "/admin/users/" + w.ids["ada"] + "/reset", ""},
			{"POST", "/admin/users/" + w.ids["ada"] + "/unlock", ""},
			{"DELETE", "/admin/users/" + w.ids["ada"] + "/factors", ""},
			{"DELETE", "/admin/users/" + w.ids["ada"], ""},
			{"PATCH", "/admin/users/" + w.ids["ada"], `{"email":"max2@example.org"}`},
		} {
			w.want(http.StatusForbidden, x.method, "/api/v1"+x.path, max, x.body)
			w.want(http.StatusForbidden, x.method, "/api/v1"+x.path, w.token("nia"), x.body)
		}
		if h := w.want(http.StatusForbidden, "POST", "/api/v1/admin/users", w.token("bob"), `{}`); h.str("detail") != "Insufficient permissions. Missing scopes: accounts:write" {
			t.Error(h)
		}
		w.want(http.StatusCreated, "POST", "/api/v1/admin/roles", max, `{"name":"r","permissions":[{"resource":"accounts","action":"read","reach":"own"}]}`)
		w.want(http.StatusCreated, "POST", "/api/v1/admin/users", max, `{"login":"tim","roles":["r"]}`)
	})
}

// TestAListTakesAsManyStatementsForFiftyAsForOne: nothing is looked up row by row.
func TestAListTakesAsManyStatementsForFiftyAsForOne(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		w.want(http.StatusOK, "GET", "/api/v1/auth/me", ada, "")
		lists := []string{}
		for _, r := range w.s.Routes() {
			if o := w.doc.Paths[r.Path]["get"]; r.Method == "GET" && strings.Contains(fmt.Sprint(o.Responses["200"].Content["application/json"].Schema.Ref), "Page") {
				lists = append(lists, r.Path)
			}
		}
		if len(lists) < 9 {
			t.Fatal(lists)
		}
		few := map[string]int{}
		for _, path := range lists {
			w.want(http.StatusOK, "GET", path+"?page_size=1", ada, "")
			few[path] = w.counted(func() { w.want(http.StatusOK, "GET", path+"?page_size=1", ada, "") })
		}
		w.fill(50)
		for _, path := range lists {
			var h heard
			many := w.counted(func() { h = w.want(http.StatusOK, "GET", path+"?page_size=50", ada, "") })
			if many != few[path] || many > 6 {
				t.Errorf("%s: %d statements for one, %d for %d", path, few[path], many, len(h.items()))
			}
			if n := len(h.items()); n < 50 && !slices.Contains(short, path) {
				t.Errorf("%s: %d items only", path, n)
			}
		}
	})
}

// short are the lists that are short by nature.
var short = []string{"/api/v1/admin/settings", "/api/v1/auth/factors"}

// fill makes n users with roles, permissions and sessions, and n of what else is listed.
func (w *world) fill(n int) {
	w.t.Helper()
	ctx := w.t.Context()
	for i := range n {
		role := fmt.Sprintf("filler %d", i)
		must(w.t, w.AddRole(ctx, inside(1), role, access.Permission{Resource: "Patient", Action: access.Reading, Reach: access.Own}))
		_, _, err := w.Join(ctx, inside(1), accounts.NewUser{Login: role, Email: fmt.Sprintf("f%d@example.org", i)}, role, "role of bob")
		must(w.t, err)
		_, err = w.SignIn(ctx, 1, accounts.Try{Login: "ada", Password: password, Device: "first"})
		must(w.t, err)
		_, _, err = w.Register(ctx, inside(1), accounts.Client{Name: role, Method: accounts.MethodBasic, Grants: []string{accounts.GrantClient}, Scopes: []string{"system/*.rs"}})
		must(w.t, err)
		_, err = w.AddTenant(ctx, inside(1), role)
		must(w.t, err)
	}
}

// TestOfChangesAtTheSameTimeOneIsMade: eight who have read the same change it, and one of them is not told that it was changed since.
func TestOfChangesAtTheSameTimeOneIsMade(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		client := w.want(http.StatusCreated, "POST", "/api/v1/admin/clients", ada, `{"name":"c","token_endpoint_auth_method":"none","grant_types":["refresh_token"],"scopes":["openid"]}`)
		for path, body := range map[string]string{
			"/api/v1/admin/users/" + w.ids["bob"]: `{"full_name":"Bob @"}`, client.header.Get("Location"): `{"name":"c @"}`,
			"/api/v1/admin/roles/role%20of%20bob": `{"permissions":[{"resource":"Patient","action":"read","reach":"own"}]}`,
		} {
			tag := w.want(http.StatusOK, "GET", path, ada, "").header.Get("ETag")
			got := make(chan int, 8)
			for n := range 8 {
				go func() {
					r := httptest.NewRequest("PATCH", path, strings.NewReader(strings.ReplaceAll(body, "@", fmt.Sprint(n))))
					r.Header.Set("Content-Type", "application/json")
					r.Header.Set("Authorization", "Bearer "+ada)
					r.Header.Set("If-Match", tag)
					out := httptest.NewRecorder()
					w.s.ServeHTTP(out, r)
					got <- out.Code
				}()
			}
			won := 0
			for range 8 {
				switch code := <-got; code {
				case http.StatusOK:
					won++
				case http.StatusPreconditionFailed:
				default:
					t.Error(path, code)
				}
			}
			if won != 1 {
				t.Error(path, "was changed by", won)
			}
		}
	})
}

// TestPagesAreCut and wrong ones are refused by name.
func TestPagesAreCut(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, seen := w.token("ada"), []string{}
		for n := 1; ; n++ {
			h := w.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/admin/users?page=%d&page_size=2", n), ada, "")
			for _, u := range h.items() {
				seen = append(seen, u.str("login"))
			}
			if h.num("total") != 3 || h.num("page") != n || h.num("page_size") != 2 || h.body["has_previous"] != (n > 1) {
				t.Error(h)
			}
			if h.body["has_next"] != true {
				break
			}
		}
		if !slices.Equal(seen, []string{"ada", "bob", "nia"}) {
			t.Error(seen)
		}
		for query, want := range map[string]string{"q=BO": "bob", "q=%25": "", "q=_da": "", "role=role+of+nia": "nia", "q=example.org&is_active=true": "ada,bob,nia", "page=9": ""} {
			h, got := w.want(http.StatusOK, "GET", "/api/v1/admin/users?"+query, ada, ""), []string{}
			for _, u := range h.items() {
				got = append(got, u.str("login"))
			}
			if strings.Join(got, ",") != want {
				t.Error(query, got)
			}
		}
		for query, field := range map[string]string{"page=0": "page", "page_size=101": "page_size", "page=x": "page", "colour=blue": "colour", "page=1&page=2": "page", "is_active=maybe": "is_active", "page=9999999999999": "page"} {
			if h := w.want(http.StatusBadRequest, "GET", "/api/v1/admin/users?"+query, ada, ""); h.str("field") != field {
				t.Error(query, h)
			}
		}
	})
}

// TestOtherTenantsAreNotThere: what another tenant has is answered as what nobody has.
func TestOtherTenantsAreNotThere(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, cyd := w.token("ada"), w.token("cyd")
		theirs := map[string]string{"users": w.ids["cyd"], "roles": "role of cyd", "tenants": "2"}
		theirs["sessions"] = w.want(http.StatusOK, "GET", "/api/v1/auth/me", cyd, "").str("session_id")
		c, _, err := w.Register(t.Context(), inside(2), accounts.Client{Name: "north", Method: accounts.MethodBasic, Grants: []string{accounts.GrantClient}, Scopes: []string{"system/*.rs"}})
		must(t, err)
		theirs["clients"] = c.ID
		must(t, w.Forbid(t.Context(), inside(1), "role of ada", to("tenants", access.Reading)[0]))
		w.later(4 * time.Second)
		mine := map[string]string{"id": "none", "name": "none", "role": "none", "resource": "*", "action": "read", "reach": "all"}
		n := 0
		for _, r := range w.s.Routes() {
			if !strings.Contains(r.Path, "/admin/") || !strings.Contains(r.Path, "{") {
				continue
			}
			kind := strings.Split(r.Path, "/")[4]
			body := w.bodies()[r.Method+" "+r.Path]
			n++
			other := strings.NewReplacer("{id}", theirs[kind], "{name}", strings.ReplaceAll(theirs[kind], " ", "%20"), "{role}", "role%20of%20cyd", "{resource}", "*", "{action}", "read", "{reach}", "all").Replace(r.Path)
			ghost := strings.NewReplacer("{id}", mine["id"], "{name}", mine["name"], "{role}", mine["role"], "{resource}", "*", "{action}", "read", "{reach}", "all").Replace(r.Path)
			a, b := w.ask(r.Method, other, ada, body), w.ask(r.Method, ghost, ada, body)
			if kind == "settings" {
				continue // they have the same names everywhere
			}
			if a.status != http.StatusNotFound || a.raw != b.raw {
				t.Errorf("%s %s: %s, and for nobody's %s", r.Method, r.Path, a, b)
			}
		}
		if n < 10 {
			t.Error(n)
		}
		if h := w.want(http.StatusOK, "GET", "/api/v1/admin/users", cyd, ""); h.num("total") != 1 || h.items()[0].str("login") != "cyd" {
			t.Error(h)
		}
	})
}

// bodies are what is sent to change something.
func (w *world) bodies() map[string]string {
	return map[string]string{
		"PATCH /api/v1/admin/users/{id}":      `{"full_name":"x"}`,
		"PATCH /api/v1/admin/roles/{name}":    `{"permissions":[]}`,
		"PATCH /api/v1/admin/clients/{id}":    `{"name":"x"}`,
		"PATCH /api/v1/admin/tenants/{id}":    `{"is_active":false}`,
		"PATCH /api/v1/admin/settings/{name}": `{"value":"on"}`,
	}
}
