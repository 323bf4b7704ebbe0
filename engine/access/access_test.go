package access

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fault"
)

var allOps = []Op{Read, VRead, HistoryInstance, Create, Update, Delete, Search, History}

// TestTruth says for each list of scopes which operations on Patient, on Task and on the whole server are allowed, in the
// order of allOps.
func TestTruth(t *testing.T) {
	for scopes, want := range map[string]struct{ patient, task, server string }{
		"system/*.cruds":                     {"yyyyyyyy", "yyyyyyyy", "yyyyyyyy"},
		"system/*.*":                         {"yyyyyyyy", "yyyyyyyy", "yyyyyyyy"},
		"user/*.rs":                          {"yyy---yy", "yyy---yy", "yyy---yy"},
		"system/*.read":                      {"yyy---yy", "yyy---yy", "yyy---yy"},
		"system/*.write":                     {"---yyy--", "---yyy--", "---yyy--"},
		"system/Patient.r":                   {"yyy-----", "--------", "--------"},
		"system/Patient.s":                   {"------yy", "--------", "--------"},
		"system/Patient.c":                   {"---y----", "--------", "--------"},
		"system/Patient.u":                   {"----y---", "--------", "--------"},
		"system/Patient.d":                   {"-----y--", "--------", "--------"},
		"system/Patient.rs user/Patient.c":   {"yyyy--yy", "--------", "--------"},
		"system/Patient.cud user/Task.rs":    {"---yyy--", "yyy---yy", "--------"},
		"system/*.r system/Task.s":           {"yyy-----", "yyy---yy", "yyy-----"},
		"patient/*.cruds":                    {"--------", "--------", "--------"},
		"patient/Patient.rs system/Task.d":   {"--------", "-----y--", "--------"},
		"openid fhirUser launch":             {"--------", "--------", "--------"},
		"system/Patient.read launch/patient": {"yyy---yy", "--------", "--------"},
	} {
		s, err := ParseScopes(scopes)
		if err != nil {
			t.Errorf("%s: %v", scopes, err)
			continue
		}
		for typ, row := range map[string]string{"Patient": want.patient, "Task": want.task, "": want.server} {
			if got := truth(Principal{Scopes: s}, typ); got != row {
				t.Errorf("%s on %q: %s, want %s", scopes, typ, got, row)
			}
		}
	}
}

func truth(p Principal, typ string) string {
	var row strings.Builder
	for _, op := range allOps {
		if p.Check(op, typ) == nil {
			row.WriteByte('y')
		} else {
			row.WriteByte('-')
		}
	}
	return row.String()
}

func TestNoScopesAllowNothingAndFicusItselfEverything(t *testing.T) {
	if got := truth(Principal{}, "Patient"); got != "--------" {
		t.Errorf("no scopes: %s", got)
	}
	if got := truth(Inside(1, "migration"), ""); got != "yyyyyyyy" {
		t.Errorf("system: %s", got)
	}
	if err := (Principal{Scopes: scopes(t, "system/*.cruds")}).Check(Op(99), "Patient"); err != nil {
		t.Errorf("an unknown operation under all rights: %v", err)
	}
	if err := (Principal{Scopes: scopes(t, "system/*.crud")}).Check(Op(99), "Patient"); err == nil {
		t.Error("an unknown operation passed without all rights")
	}
}

func TestARefusalNamesTheScopeThatIsMissing(t *testing.T) {
	err := Principal{Scopes: scopes(t, "system/Patient.r")}.Check(Delete, "Patient")
	if !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "system/Patient.d would") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoScope(t *testing.T) {
	for _, text := range []string{
		"", "  ", "system", "system/", "system/Patient", "system/Patient.", "system/Patient.x", "system/Patient.sr",
		"system/Patient.rr", "system/patient.r", "System/Patient.r", "/Patient.r", "group/Patient.r", "system/.r",
		"system/Patient.rs?", "system/Patient.rs?status=", "system/Patient.rs?organization.name=x", "system/Patient.rs?_has:Observation:patient:code=x",
		"system/Patient.rs?_include=x", "system/Patient.rs?_count=1", "system/Patient.rs?_lastUpdated=2020", "system/Patient.rs?_text=x", "system/Patient.rs?name:contains=x",
		"system/Patient.rs?a=%zz", "system/Patient.rs?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1", "system/Pat-ient.r", "system/Patient.r.s", "system/**.r", "launch/x", "email",
		"system/Patient.read,write", "system/Patients.r", "system/Element.r", "system/Resource.r",
	} {
		if _, err := ParseScopes(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseScopes(%q) = %v, want an invalid fault", text, err)
		}
	}
}

func TestScopesPrintAsTheyAreMeant(t *testing.T) {
	for text, want := range map[string]string{
		"system/Patient.read":                       "system/Patient.rs",
		"user/*.write openid system/*.r":            "system/*.r user/*.cud openid",
		"system/Task.c system/Task.d system/Task.c": "system/Task.cd",
		"openid launch/patient openid patient/*.*":  "patient/*.cruds launch/patient openid",
		"patient/Observation.rs?category=laboratory patient/Observation.read?category=laboratory":                  "patient/Observation.rs?category=laboratory",
		"user/Observation.r?category=http://x%7Ca,b&status:not=final user/Observation.s user/Observation.c?code=1": "user/Observation.s user/Observation.r?category=http%3A%2F%2Fx%7Ca%2Cb&status%3Anot=final user/Observation.c?code=1",
		"system/Patient.s\tsystem/Account.u\nuser/Task.r":                                                          "system/Account.u system/Patient.s user/Task.r",
	} {
		if got := scopes(t, text).String(); got != want {
			t.Errorf("%q prints %q, want %q", text, got, want)
		}
	}
}

func TestPrintedScopesAllowTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`(system|user|patient)/(Patient|Task|\*)\.(cr?u?d?s?|read|write|\*)(\?(_id|_tag:not|identifier)=[a-z|,:]{1,4}(&_tag=x)?)?`), 1, 6).Draw(t, "scopes")
		s, err := ParseScopes(strings.Join(words, " "))
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseScopes(s.String())
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range []string{"Patient", "Task", "Account", ""} {
			if truth(Principal{Scopes: s, Patient: "p"}, typ) != truth(Principal{Scopes: again, Patient: "p"}, typ) {
				t.Fatalf("%v and %v differ on %q", s, again, typ)
			}
		}
	})
}

func TestCheckAllocatesNothing(t *testing.T) {
	p := Principal{Scopes: scopes(t, "system/Patient.cruds system/Observation.rs user/*.r")}
	part, b := Principal{Scopes: scopes(t, "patient/*.rs user/Observation.rs?category=laboratory"), Patient: "7"}, &Book{}
	n := testing.AllocsPerRun(100, func() {
		if p.Check(Update, "Patient") != nil || p.Check(Read, "Task") != nil {
			t.Error("refused")
		}
		if n, err := b.Decide(&p, Read, "Patient", nil, 0); err != nil || !n.All {
			t.Error(n, err)
		}
		if n, err := b.Decide(&part, Read, "Patient", nil, 0); err != nil || n.All { // remembered
			t.Error(n, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseScopes(f *testing.F) {
	for _, seed := range []string{"system/*.cruds", "user/Patient.read openid", "patient/*.rs?x=y", "a/b.c", "system/Patient.sr"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScopes(text)
		if err != nil {
			return
		}
		again, err := ParseScopes(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q prints %q, which reads as %q (%v)", text, s, again, err)
		}
	})
}

func scopes(t testing.TB, text string) Scopes {
	t.Helper()
	s, err := ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
