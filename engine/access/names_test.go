package access

import (
	"slices"
	"testing"
)

func TestPermissionsHaveNamesForPrograms(t *testing.T) {
	r := NewRoles(permission(t, "Patient", "read", "all"), permission(t, "Patient", "read", "all"), permission(t, "FamilyMemberHistory", "write", "department"),
		permission(t, "ClinicalImpression", "delete", "own"), permission(t, "accounts", "write", "all"), permission(t, "*", "read", "all"), permission(t, "Goal", "approve", "organization"))
	want := []string{"*:read", "accounts:write", "clinical_impressions:delete:own", "family_member_histories:write:department", "goals:approve:organization", "patients:read"}
	if got := r.Names(); !slices.Equal(got, want) {
		t.Error(got)
	}
	if got := (Roles{}).Names(); got == nil || len(got) != 0 {
		t.Errorf("%#v", got)
	}
}

func TestAProgramIsMadeByWhoMayDoWhatItMay(t *testing.T) {
	r := NewRoles(permission(t, "Patient", "read", "all"), permission(t, "Observation", "write", "department"), permission(t, "Basic", "delete", "all"))
	for text, want := range map[string]bool{
		"system/Patient.rs": true, "system/Patient.r user/*.cruds": true, "user/Observation.cruds": true, "openid": true, "system/Basic.d": true,
		"system/Patient.rus": false, "system/*.r": false, "system/Observation.c": false, "system/Patient.rs system/Basic.r": false,
	} {
		s, err := ParseScopes(text)
		if err != nil {
			t.Fatal(err)
		}
		if r.Gives(s) != want {
			t.Error(text)
		}
	}
}

// TestTenantsStandBesideEverything: who may do everything in his tenant has nothing to do with others.
func TestTenantsStandBesideEverything(t *testing.T) {
	every, operator := NewRoles(permission(t, "*", "write", "all")), NewRoles(permission(t, "tenants", "write", "all"))
	tenants := permission(t, "tenants", "write", "all")
	if every.Allow(tenants) || !operator.Allow(tenants) || every.Cover(operator) || operator.Cover(every) {
		t.Error(every, operator)
	}
	s, err := ParseScopes("user/*.cruds")
	if err != nil || s.Within(operator).String() != "" {
		t.Error(s.Within(operator), err)
	}
}
