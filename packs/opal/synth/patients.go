package synth

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// placeholderFrom is the number of patients from which a placeholder is less than one in a hundred.
const placeholderFrom = 120

func (g *generator) patients() {
	if g.opt.Patients >= placeholderFrom {
		g.placeholder()
	}
	for n := range g.opt.Patients {
		g.patient(g.person(n))
	}
	for c := range g.caregivers() {
		g.standIn(c)
	}
}

// placeholder is the row that stands for nobody, so that a number 0 elsewhere points at something.
func (g *generator) placeholder() {
	g.int(0).int(0).str("").str("").str("").str("").str("").null().str("Unknown").str(zeroDate).null().int(0).int(0).str("").str("EN").str("").str("1")
	g.str(zeroDate).null().int(0).str("").null().str("").time(g.opt.Now).int(0).null().null().emit(Placeholder, NullDeath, PhoneZero, EmptyRAMQ, EmptyAlias, OtherSex, ZeroDate)
}

// patient writes the row of a patient, column after column.
func (g *generator) patient(p person) {
	r := g.chance("patient", p.n)
	changed := g.opt.Now.Add(-time.Duration(r.IntN(90*24*3600)) * time.Second).Truncate(time.Second)
	g.int(p.serial).int(0).str("").str("").str(p.first).str(p.last)
	g.alias(&p, r)
	g.maybe("iVBORw0KGgo=", p.n%40 == 12) // the first bytes of a picture
	g.str(p.sex).time(p.born)
	g.age(p, changed)
	g.phone(&p, r)
	g.bool(p.n%3 == 0).str(email(p))
	g.language(&p, r)
	g.str(p.ramq)
	g.access(&p, r)
	g.registration(&p)
	g.consent(p)
	g.reason(&p)
	g.death(&p)
	g.str("").time(changed).bool(p.trap(100, 42, TestUser))
	g.terms(p)
	g.emit(p.traps...)
}

// trap sets a trap for every so-manieth patient and reports whether this is one.
func (p *person) trap(every, rest int, t Trap) bool {
	if p.n%every != rest {
		return false
	}
	p.traps = append(p.traps, t)
	return true
}

func (g *generator) alias(p *person, r *rand.Rand) {
	switch {
	case p.trap(25, 20, Wide):
		g.str(pick(r, wideTexts()))
	case p.trap(14, 5, EmptyAlias):
		g.null()
	case p.trap(14, 6, EmptyAlias):
		g.str("")
	default:
		g.str(p.first)
	}
}

// age writes the column Age, which nobody keeps up to date.
func (g *generator) age(p person, changed time.Time) {
	switch p.n % 6 {
	case 0:
		g.null()
	case 1:
		g.int(age(p.born, changed) + 1)
	default:
		g.int(age(p.born, changed))
	}
}

// phone writes a number of the block 555-01xx, which is never given out, or something else.
func (g *generator) phone(p *person, r *rand.Rand) {
	switch {
	case p.trap(20, 3, PhoneInvalid):
		g.raw("61292507111")
	case p.trap(9, 1, PhoneNull):
		g.null()
	case p.trap(9, 2, PhoneZero):
		g.int(0)
	default:
		g.raw(fmt.Sprintf("%s55501%02d", pick(r, []string{"514", "438", "450", "819"}), r.IntN(100)))
	}
}

func (g *generator) language(p *person, r *rand.Rand) {
	if p.trap(50, 11, LanguageSN) {
		g.str("SN")
		return
	}
	g.str(pick(r, []string{"EN", "FR", "FR"}))
}

func (g *generator) access(p *person, r *rand.Rand) {
	if p.trap(25, 4, AccessLevel2) {
		g.str("2")
		return
	}
	g.str(pick(r, []string{"1", "3", "3", "3"}))
}

func (g *generator) registration(p *person) {
	switch {
	case p.trap(55, 44, ZeroDate):
		g.str(zeroDate)
	case p.n%11 == 0:
		g.str("2018-01-01 00:00:00") // an old default
	default:
		g.time(p.registered)
	}
}

func (g *generator) consent(p person) {
	if p.n%4 == 0 {
		g.null()
		return
	}
	g.time(p.registered.AddDate(1, 0, 0))
}

// reason writes whether and why an account is blocked.
func (g *generator) reason(p *person) {
	switch {
	case p.trap(40, 33, Blanks):
		g.int(1).str("Called twice:\r\n\t\"wrong number\" \\ it's not hers\n")
	case p.trap(40, 34, BeyondISO):
		g.int(1).str("Solde impayé de 12,50 € – cœur du problème…")
	case p.trap(40, 35, DoubleEncoded):
		g.int(0).str(twice("Débloqué à la demande de l’hôpital"))
	case p.dead():
		g.int(1).str("Deceased")
	default:
		g.int(0).str("")
	}
}

func (p person) dead() bool { return p.n%40 == 7 }

func (g *generator) death(p *person) {
	day := time.Date(g.opt.Now.Year()-1, time.Month(1+p.n%12), 1+p.n%28, 0, 0, 0, 0, time.UTC)
	switch {
	case p.trap(80, 7, DeathNearMidnight):
		g.time(day.Add(23*time.Hour + 30*time.Minute))
	case p.dead():
		g.time(day)
	case p.trap(3, 0, ZeroDeath):
		g.str(zeroDate)
	default:
		p.traps = append(p.traps, NullDeath)
		g.null()
	}
}

func (g *generator) terms(p person) {
	if p.username == "" {
		g.null().null()
		return
	}
	g.int(1).time(p.registered)
}

// standIn is the row in Patient that the account of caregiver c points at.
func (g *generator) standIn(c int) {
	r := g.chance("caregiver", c)
	first, last := pick(r, append(femaleNames(), maleNames()...)), pick(r, familyNames())
	at := g.opt.Now.Add(-time.Duration(r.IntN(300*24*3600)) * time.Second).Truncate(time.Second)
	g.int(g.standInSerial(c)).int(0).str("").str("").str(first).str(last).str("").null().str("Unknown").str("1900-01-01 00:00:00").int(age(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), at)).int(0).int(0).str("")
	g.str(pick(r, []string{"EN", "FR"})).str("").str("3").time(at).null().int(0).str("").null().str("").time(at).int(0).null().null().emit(StandIn, NullDeath, PhoneZero, EmptyRAMQ, EmptyAlias, OtherSex)
}

func (g *generator) standInSerial(c int) int { return firstPatient + g.opt.Patients + c }

func age(born, at time.Time) int {
	years := at.Year() - born.Year()
	if at.Month() < born.Month() || at.Month() == born.Month() && at.Day() < born.Day() {
		years--
	}
	return years
}

func email(p person) string {
	switch {
	case p.username == "" && p.n%2 == 0:
		return ""
	case p.n%16 == 9:
		return "Family." + strings.ToUpper(plain(p.last)) + "@Example.ORG" // shared, and not in lower case
	}
	s := strings.ToLower(plain(p.first)+"."+plain(p.last)) + strconv.Itoa(p.serial)
	return s[max(0, len(s)-34):] + "@example.org"
}
