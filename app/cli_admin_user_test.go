package app

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestUsersAndRolesOnTheCommandLine makes a tenant, a user and a role, and signs in.
func TestUsersAndRolesOnTheCommandLine(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	p := Place{Database{DB: url, KeyFile: filepath.Join(t.TempDir(), "key")}, "north"}
	admin := func(line string) (int, string, string) {
		return ficus(t, append(append([]string{"admin"}, strings.Fields(line)...), "--db", p.DB, "--key-file", p.KeyFile)...)
	}
	done := func(line, want string) string {
		t.Helper()
		code, out, about := admin(line)
		if code != exitDone || !regexp.MustCompile(want).MatchString(out) {
			t.Fatalf("%s: %d %s%s", line, code, out, about)
		}
		return out
	}
	code, out, about := admin("tenant add north")
	m := shownPassword().FindStringSubmatch(about)
	if code != exitDone || out != "2\tnorth\n" || m == nil {
		t.Fatal(code, out, about)
	}
	signIn(t, p, accounts.Try{Login: "admin", Password: m[1]}, true)
	done("tenant", `(?m)^1 +default .* on\n2 +north .* on$`)
	done("role add nurse --tenant north", "permits nothing")
	done("role permit nurse Observation read department --tenant north", "nurse permits Observation read department")
	once := strings.TrimSpace(done("user add ada --name Ada --email ada@example.org --role nurse --tenant north", `^[a-z2-7-]{19}\n$`))
	done("role --tenant north", `nurse +Observation read department +ada`)
	done("user --tenant north", `ada +Ada +ada@example.org .* on `)
	done("user", `^LOGIN[^\n]*\n$`)
	signIn(t, p, accounts.Try{Login: "ada", Password: once}, true)
	done("user off ada --tenant north", "ada is off")
	signIn(t, p, accounts.Try{Login: "ada", Password: once}, false)
	done("user on ada --tenant north", "ada is on")
	again := strings.TrimSpace(done("user password ada --tenant north", `^[a-z2-7-]{19}\n$`))
	signIn(t, p, accounts.Try{Login: "ada", Password: once}, false)
	signIn(t, p, accounts.Try{Login: "ada", Password: again}, true)
	done("role take nurse ada --tenant north", "no longer holds")
	done("role give nurse ada --tenant north", "ada holds nurse")
	done("user is ada --person Practitioner/7 --department 31 --clearance N --tenant north", `ada is person Practitioner/7, department 31, organization none, clearance N, purpose none`)
	done("user is ada --department= --tenant north", `person Practitioner/7, department none`)
	done("role hide nurse Patient telecom --tenant north", `nurse does not see Patient.telecom`)
	done("role keep nurse Patient name --tenant north", `nurse does not change Patient.name`)
	done("role --tenant north", `keep Patient.name, hide Patient.telecom`)
	done("role unmask nurse Patient name --tenant north", `nurse has no mask on Patient.name`)
	done("token --name script --scope user/*.rs --user ada --clearance L --tenant north", `^ficus_`)
	done("token --name mine --scope patient/*.rs --patient 9 --tenant north", `^ficus_`)
	done("role forbid nurse Observation read department --tenant north", "no longer permits")
	done("tenant off north", "north is off")
	signIn(t, p, accounts.Try{Login: "ada", Password: again}, false)
	done("tenant on north", "north is on")
	for line, want := range map[string]string{
		"user add ada --tenant north": "another user has this login", "user off bob --tenant north": `no user "bob"`, "user --tenant south": `no tenant "south"`,
		"role permit nurse Nothing read all --tenant north": "resource types of R4", "user factors ada --tenant north": "no second factor", "tenant add north": "another tenant has this name",
		"role give none ada --tenant north": "no such role", "user is ada --person Device/1 --tenant north": "Practitioner/7", "role hide nurse Patient nothing --tenant north": "no element Patient.nothing",
		"role unmask nurse Patient gender --tenant north": "no such mask", "token --name x --user bob --tenant north": `no user "bob"`, "token --name x --clearance Z --tenant north": "v3-Confidentiality",
	} {
		if code, _, about := admin(line); code != exitFailed || !strings.Contains(about, want) {
			t.Errorf("%s: %d %s", line, code, about)
		}
	}
	if code, out, about := ficus(t, "audit", "verify", "--db", p.DB, "--key-file", p.KeyFile); code != exitDone || strings.Count(out, "nothing was changed") != 2 || !strings.Contains(out, "Tenant north") {
		t.Error(code, out, about)
	}
}

func signIn(t *testing.T, p Place, try accounts.Try, want bool) {
	t.Helper()
	err := administer(t.Context(), p, func(a *Tenancy) error {
		_, err := a.Accounts.SignIn(t.Context(), a.Tenant, try)
		return err
	})
	if (err == nil) != want {
		t.Errorf("%+v: %v", try, err)
	}
}

// TestTheFirstStartMakesAnAdministrator: the password is shown once, and not by the next start.
func TestTheFirstStartMakesAnAdministrator(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		p := Place{Database: Database{DB: url, KeyFile: filepath.Join(t.TempDir(), "key")}}
		shown := shownPassword()
		text := firstStart(t, p)
		m := shown.FindStringSubmatch(text)
		if m == nil {
			t.Fatal(text)
		}
		signIn(t, p, accounts.Try{Login: "admin", Password: m[1]}, true)
		if text := firstStart(t, p); shown.MatchString(text) {
			t.Error(text)
		}
	})
}

func shownPassword() *regexp.Regexp {
	return regexp.MustCompile(`login admin, password ([a-z2-7-]{19})`)
}

func firstStart(t *testing.T, p Place) string {
	t.Helper()
	var out strings.Builder
	err := administer(t.Context(), p, func(a *Tenancy) error { return a.firstUser(t.Context(), &Streams{Err: &out}, a.Tenant) })
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
