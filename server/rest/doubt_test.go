package rest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// TestACommitInDoubtInvitesNobodyToRepeatIt makes the database lose the answer to a commit.
func TestACommitInDoubtInvitesNobodyToRepeatIt(t *testing.T) {
	s := New(Options{
		Gate: func(*http.Request) (access.Principal, error) { return access.Principal{}, nil },
		Desk: func(access.Principal, func(int64) error) Desk {
			return &shelf{err: db.Doubt(fault.New(fault.Unavailable, "the connection was lost"))}
		},
	})
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/fhir/Patient", strings.NewReader(`{"resourceType":"Patient"}`))
	r.Header.Set("Content-Type", "application/fhir+json")
	s.ServeHTTP(w, r)
	if w.Code != 504 || w.Header().Get("Retry-After") != "" || !strings.Contains(w.Body.String(), "may be stored or not") || !strings.Contains(w.Body.String(), `"code":"timeout"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}
