package access

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fault"
)

func permission(t interface{ Fatal(...any) }, resource, action, reach string) Permission {
	p, err := ParsePermission(resource, action, reach)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPermissionContainsTheNarrowerOnes(t *testing.T) {
	r := NewRoles(permission(t, "Observation", "read", "department"), permission(t, "*", "write", "own"))
	for text, want := range map[[3]string]bool{
		{"Observation", "read", "own"}: true, {"Observation", "read", "department"}: true, {"Observation", "read", "organization"}: false,
		{"Patient", "read", "own"}: false, {"Patient", "write", "own"}: true, {"accounts", "write", "own"}: true,
		{"accounts", "write", "all"}: false, {"Observation", "delete", "own"}: false, {"*", "write", "own"}: true, {"*", "read", "own"}: false,
	} {
		if got := r.Allow(permission(t, text[0], text[1], text[2])); got != want {
			t.Errorf("%v: %v", text, got)
		}
	}
	if (Roles{}).Allow(permission(t, "Patient", "read", "own")) {
		t.Error("no role allows something")
	}
}

func TestWhatIsNoPermission(t *testing.T) {
	for _, text := range [][3]string{{"Nothing", "read", "all"}, {"Patient", "look", "all"}, {"Patient", "read", "everywhere"}, {"", "read", "all"}} {
		if _, err := ParsePermission(text[0], text[1], text[2]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", text, err)
		}
	}
}

// TestCoveringIsAnOrder: who covers another may do all that the other may.
func TestCoveringIsAnOrder(t *testing.T) {
	one := rapid.Custom(func(t *rapid.T) Permission {
		return Permission{rapid.SampledFrom([]string{"*", "Patient", "accounts"}).Draw(t, "resource"), rapid.SampledFrom(actions[:]).Draw(t, "action"),
			Reach(rapid.IntRange(0, 3).Draw(t, "reach"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := NewRoles(rapid.SliceOfN(one, 0, 4).Draw(t, "a")...), NewRoles(rapid.SliceOfN(one, 0, 4).Draw(t, "b")...)
		q := one.Draw(t, "q")
		if a.Cover(b) && b.Allow(q) && !a.Allow(q) {
			t.Errorf("%v covers %v, which allows %v", a, b, q)
		}
		if !a.Cover(a) || !a.Cover(Roles{}) || a.Allow(q) != a.Cover(NewRoles(q)) {
			t.Errorf("%v %v", a, q)
		}
	})
}
