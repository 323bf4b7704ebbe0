package synth

import (
	"strings"
	"time"
)

func (g *generator) devices() {
	id := 1
	for n := range g.opt.Patients {
		p := g.person(n)
		if p.username == "" || n%3 == 2 {
			continue
		}
		r := g.chance("device", n)
		for i := range 1 + n%2 {
			g.device(&id, p, 2*n+i, strings.ToUpper(token(r, 8))+"-"+token(r, 12))
		}
		if n%40 == 15 {
			g.oldDevices(&id, p, token(r, 16))
		}
	}
}

func (g *generator) device(id *int, p person, n int, device string) {
	r := g.chance("device row", n)
	var traps []Trap
	kind := pick(r, []int{0, 1, 3})
	if p.n%50 == 10 {
		kind, traps = 7, append(traps, DeviceUnknown)
	}
	locked := p.n%45 == 13
	g.int(*id).int(0).str(device).str(pick(r, []string{"1.12.2", "1.10.9", ""})).str(token(r, 64)).int(kind).str("")
	if n%2 == 0 {
		g.int(1 + n)
	} else {
		g.null()
	}
	if locked {
		traps = append(traps, DeviceLocked)
		g.int(5).int(0).time(g.opt.Now.Add(-time.Minute))
	} else {
		g.int(n % 3).bool(n%4 == 1).null()
	}
	g.time(g.opt.Now.Add(-time.Duration(r.IntN(1e6)) * time.Second)).str(p.username).str(g.answer(p.n, n%3)).emit(traps...)
	*id++
}

// oldDevices are rows from before devices belonged to user names: one without a user, and one that has the patient and the
// device of another row.
func (g *generator) oldDevices(id *int, p person, device string) {
	old := g.opt.Now.AddDate(-3, 0, 0)
	for i, username := range []string{"", "old-" + p.username} {
		traps := []Trap{DeviceTwice}
		if i == 0 {
			traps = append(traps, DeviceWithoutUser)
		}
		g.int(*id).int(p.serial).str(device).str("1.8.1").str("").int(1).str("").null().int(0).int(0).null().time(old).str(username).str("").emit(traps...)
		*id++
	}
}
