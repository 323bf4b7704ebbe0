package synth

import (
	"time"
)

func (g *generator) controls() {
	for n := range g.opt.Patients {
		p := g.person(n)
		if g.unregistered(n) {
			g.manifest.Traps[NoControl]++
			continue
		}
		g.int(p.serial).int(n % 2).str("2000-01-01 00:00:00").time(p.registered).int(n % 5 / 4).emit()
	}
}

// unregistered reports whether patient n has no row in PatientControl.
func (g *generator) unregistered(n int) bool { return n%35 == 8 }

func (g *generator) users() {
	serial := 1
	add := func(kind string, owner int, username, password string, traps ...Trap) {
		g.int(serial).str(kind).int(owner).str(username).str(password)
		if serial%4 == 0 {
			g.null()
		} else {
			g.str("")
		}
		g.time(g.opt.Now.Add(-time.Duration(serial%5000) * time.Hour)).emit(traps...)
		serial++
	}
	for n := range g.opt.Patients {
		p := g.person(n)
		if p.username == "" {
			continue
		}
		var traps []Trap
		password := hash("wood-" + p.username)
		if n%60 == 19 {
			traps = append(traps, SharedUsername)
		}
		if n%5 == 0 {
			password, traps = "", append(traps, NoPassword)
		}
		add("Patient", p.serial, p.username, password, traps...)
		if n%75 == 30 {
			add("Patient", p.serial, g.username(-n-1), "", SeveralAccounts, NoPassword)
		}
		if n%150 == 99 {
			add("Patient", g.missing(), g.username(-n-1), password, OrphanAccount)
		}
	}
	for c := range g.caregivers() {
		add("Caregiver", g.standInSerial(c), token(g.chance("caregiver name", c), 28), "", NoPassword)
	}
}
