package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// TestABodyHasWhatIsNamedAndNothingElse: members that there are not, in another spelling, twice or of another type are refused by name.
func TestABodyHasWhatIsNamedAndNothingElse(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		path := "/api/v1/admin/users/" + w.ids["bob"]
		before := w.want(http.StatusOK, "GET", path, ada, "")
		for body, field := range map[string]string{
			`{"full_name":"x","tenant_id":"2"}`: "tenant_id", `{"full_name":"x","id":"y"}`: "id", `{"login":"root"}`: "login", `{"roles":["role of ada"]}`: "roles", `{"must_change_password":false}`: "must_change_password",
			`{"Full_Name":"x"}`: "Full_Name", `{"is_active":"no"}`: "is_active", `{"is_active":null}`: "is_active", `{"full_name":1}`: "full_name", `{"full_name":{}}`: "full_name",
			`{"full_name":"x","full_name":"y"}`: "", `[]`: "", `"x"`: "", `null`: "", `{"full_name":"` + strings.Repeat("x", 201) + `"}`: "full_name",
		} {
			h := w.want(http.StatusUnprocessableEntity, "PATCH", path, ada, body)
			if h.str("field") != field || h.str("detail") == "" || h.str("code") != "unprocessable" {
				t.Error(body, h)
			}
		}
		h := w.want(http.StatusUnprocessableEntity, "POST", "/api/v1/auth/login", "", `{"password":"secret","x":1}`)
		if all, _ := h.body["errors"].([]any); len(all) != 3 || strings.Contains(h.raw, "secret") {
			t.Error("all that is wrong, and not what was sent:", h)
		}
		for _, body := range []string{`{`, `{"full_name":"x"} trailing`, "{\"full_name\":\"\xff\"}", "full_name=x", " "} {
			w.want(http.StatusBadRequest, "PATCH", path, ada, body)
		}
		w.want(http.StatusUnsupportedMediaType, "PATCH", path, ada, `{"full_name":"x"}`, "Content-Type", "text/plain")
		w.want(http.StatusRequestEntityTooLarge, "PATCH", path, ada, `{"full_name":"`+strings.Repeat("x", maxBody)+`"}`)
		if after := w.want(http.StatusOK, "GET", path, ada, ""); after.raw != before.raw {
			t.Error(after)
		}
	})
}

// TestWhatIsNotThereIsSaid, and which methods an address takes.
func TestWhatIsNotThereIsSaid(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.token("ada")
		w.want(http.StatusNotFound, "GET", "/api/v1/admin/nothing", ada, "")
		w.want(http.StatusUnauthorized, "GET", "/api/v1/admin/nothing", "", "")
		h := w.want(http.StatusMethodNotAllowed, "PUT", "/api/v1/admin/users/x", ada, "{}")
		if h.header.Get("Allow") != "DELETE, GET, HEAD, PATCH" {
			t.Error(h.header)
		}
	})
}

// FuzzBody reads bodies: what is taken holds members of the operation alone, and the bytes that were sent are not repeated.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"name":"x","permissions":[{"resource":"*","action":"read","reach":"all"}]}`, `{"name":"x","name":"y"}`, `{"name":null}`, `[1]`, `{"permissions":[{"a":1}],"name":1e999}`, "{\"name\":\"\\ud800\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		var in newRole
		if err := (&call{r: r, w: httptest.NewRecorder()}).read(&in); err != nil {
			if fault.Find(err) == nil {
				t.Fatal(err)
			}
			return
		}
		var members map[string]json.RawMessage
		must(t, json.Unmarshal([]byte(text), &members))
		delete(members, "name")
		delete(members, "permissions")
		if len(members) > 0 || in.Name == "" || len(in.Permissions) > 500 {
			t.Error(text, in)
		}
	})
}
