package review

import (
	"reflect"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
)

// TestWhatOfTheAuditIsWhose by the decision on AuditEvents.
func TestWhatOfTheAuditIsWhose(t *testing.T) {
	for _, x := range []struct {
		scopes, asked string
		want          audit.Filter
		nothing, not  bool
	}{
		{scopes: "system/*.rs", asked: "b", want: audit.Filter{Patient: "b"}},
		{scopes: "patient/*.rs", want: audit.Filter{Patient: "a", Alone: true}},
		{scopes: "patient/*.rs", asked: "a", want: audit.Filter{Patient: "a", Alone: true}},
		{scopes: "patient/*.rs", asked: "b", nothing: true},
		{scopes: "user/AuditEvent.rs?type=rest", want: audit.Filter{Category: audit.Data}},
		{scopes: "user/AuditEvent.rs?_tag=x", not: true},
		{scopes: "user/AuditEvent.rs?type=rest user/AuditEvent.rs?action=C", not: true},
		{scopes: "user/Patient.rs", not: true},
	} {
		scopes, err := access.ParseScopes(x.scopes)
		if err != nil {
			t.Fatal(err)
		}
		for _, clearance := range []string{"", "N"} {
			f := audit.Filter{Patient: x.asked}
			nothing, err := narrowed(access.Principal{Tenant: 1, Scopes: scopes, Patient: "a", Clearance: clearance}, &f)
			switch {
			case x.not != fault.Is(err, fault.Forbidden) || nothing != x.nothing:
				t.Errorf("%s: %v %v", x.scopes, nothing, err)
			case !x.not && !nothing && !reflect.DeepEqual(f, x.want):
				t.Errorf("%s: %+v", x.scopes, f)
			}
		}
	}
}
