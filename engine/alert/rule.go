package alert

import (
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
)

// Rule says what is told.
type Rule struct {
	Name   string
	Limit  int           // so many different things are told
	Within time.Duration // if they come within this time
	Quiet  time.Duration // afterwards nothing is told of the same who for so long
	Each   bool          // it is counted, and quiet, for each thing by itself
	// Sees gives what of an entry is counted, and for whom; no things: the rule is not about it.
	Sees func(e *audit.Found, about About) (who string, things []string)
}

// Person is what rules ask about a patient. It never gets into an event.
type Person struct {
	Families []string // family names
	Labels   []string // codes of security labels
}

// About knows the patients of the entries that are being looked at, by their ids.
type About map[string]Person

// seen reports whether a person, not Ficus or another program by itself, has seen or changed data of patients.
func seen(e *audit.Found) bool {
	return e.Outcome == audit.Success && e.Category() == audit.Data && len(e.Patients) > 0 && strings.HasPrefix(e.Subject, "user/")
}

// ManyPatients tells of who sees more patients in a short time than work explains.
func ManyPatients(limit int, within time.Duration) Rule {
	return Rule{"many-patients", limit, within, time.Hour, false, func(e *audit.Found, _ About) (string, []string) {
		if !seen(e) {
			return "", nil
		}
		return e.Subject, e.Patients
	}}
}

// AfterHours tells of who sees patients when nobody works: once for each such time.
func AfterHours(hours func(time.Time) bool) Rule {
	return Rule{"after-hours", 1, 0, 8 * time.Hour, false, func(e *audit.Found, _ About) (string, []string) {
		if !seen(e) || hours(e.At) {
			return "", nil
		}
		return e.Subject, e.Patients[:1]
	}}
}

// OwnName tells of who sees a patient who has his family name: once a day for each of them.
func OwnName() Rule {
	return Rule{"own-family-name", 1, 0, 24 * time.Hour, true, func(e *audit.Found, about About) (string, []string) {
		if !seen(e) || e.Name == "" {
			return "", nil
		}
		words := strings.Fields(e.Name)
		own := words[len(words)-1]
		return e.Subject, slices.DeleteFunc(slices.Clone(e.Patients), func(id string) bool {
			return !slices.ContainsFunc(about[id].Families, func(name string) bool { return strings.EqualFold(name, own) })
		})
	}}
}

// Labelled tells of who sees a patient who bears one of some security labels: once a day for each.
func Labelled(codes ...string) Rule {
	return Rule{"labelled", 1, 0, 24 * time.Hour, true, func(e *audit.Found, about About) (string, []string) {
		if !seen(e) {
			return "", nil
		}
		return e.Subject, slices.DeleteFunc(slices.Clone(e.Patients), func(id string) bool {
			return !slices.ContainsFunc(about[id].Labels, func(code string) bool { return slices.Contains(codes, code) })
		})
	}}
}

// Refusals tells of who is refused again and again, by whom he is known to be or else by his address.
func Refusals(limit int, within time.Duration) Rule {
	return Rule{"refusals", limit, within, 15 * time.Minute, false, func(e *audit.Found, _ About) (string, []string) {
		if e.Outcome != audit.Refused {
			return "", nil
		}
		if e.Subject == "" {
			return "address " + e.Address, []string{e.ID}
		}
		return e.Subject, []string{e.ID}
	}}
}
