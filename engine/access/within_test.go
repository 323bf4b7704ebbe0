package access

import "testing"

func parsed(t *testing.T, text string) Scopes {
	t.Helper()
	if text == "" {
		return Scopes{}
	}
	s, err := ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScopesContainWhatIsNarrower(t *testing.T) {
	for _, x := range []struct {
		has, asked string
		want       bool
	}{
		{"system/*.cruds", "system/Patient.rs", true},
		{"system/Patient.rs", "system/Patient.rs", true},
		{"system/Patient.r system/*.s", "system/Patient.rs", true},
		{"openid user/*.rs", "openid user/*.rs", true},
		{"user/*.rs", "user/Observation.rs?category=laboratory", true},
		{"user/Observation.rs?category=laboratory", "user/Observation.r?category=laboratory", true},
		{"user/Observation.rs?category=laboratory", "user/Observation.rs", false},
		{"user/Observation.rs?category=laboratory", "user/Observation.rs?category=exam", false},
		{"system/Patient.rs", "system/*.rs", false},
		{"system/Patient.rs", "system/Patient.cruds", false},
		{"system/Patient.rs", "system/Observation.rs", false},
		{"user/Patient.rs", "system/Patient.rs", false},
		{"system/*.rs", "user/*.rs", false},
		{"user/*.rs", "patient/*.rs", false},
		{"user/*.rs", "openid user/*.rs", false},
		{"", "openid", false},
	} {
		if got := parsed(t, x.has).Contain(parsed(t, x.asked)); got != x.want {
			t.Errorf("%q contains %q: %v", x.has, x.asked, got)
		}
	}
}

func TestAPersonHasNoMoreThanHisRoles(t *testing.T) {
	for _, x := range []struct {
		scopes string
		roles  []Permission
		want   string
	}{
		{"user/*.cruds openid", []Permission{{"*", Reading, All}, {"*", Writing, All}, {"*", Deleting, All}}, "user/*.cruds openid"},
		{"user/*.cruds", []Permission{{"*", Reading, All}}, "user/*.rs"},
		{"user/*.rs", []Permission{{"Observation", Reading, All}, {"Patient", Reading, Organization}}, "user/Observation.rs user/Patient.rs"},
		{"user/Observation.rs?category=laboratory", []Permission{{"*", Reading, Own}}, "user/Observation.rs?category=laboratory"},
		{"user/Patient.cruds", []Permission{{"Observation", Reading, All}}, ""},
		{"user/Patient.cud user/Observation.r", []Permission{{"Patient", Deleting, All}, {"*", Reading, All}}, "user/Observation.r user/Patient.d"},
		{"user/*.cruds", []Permission{{"accounts", Writing, All}, {"*", Approving, All}}, ""},
		{"user/*.rs", []Permission{{"*", Reading, Department}}, "user/*.rs"},
		{"user/*.rs patient/*.rs openid", nil, "patient/*.rs openid"},
		{"system/*.cruds", []Permission{{"*", Reading, All}, {"*", Writing, All}}, ""},
	} {
		if got := parsed(t, x.scopes).Within(NewRoles(x.roles...)).String(); got != x.want {
			t.Errorf("%q within %v: %q, want %q", x.scopes, x.roles, got, x.want)
		}
	}
}
