package synth

import (
	"fmt"
	"strconv"
)

// siteCodes are those of the sites, in the order of their rows.
func siteCodes() []string { return []string{"FGH", "LEH", "QMC", "TRANSPLANT_CLINIC"} }

func (g *generator) sites() {
	for i, s := range [][2]string{{"Fig Tree General Hospital (FGH)", "Hôpital général du Figuier (HGF)"}, {"Leaf Hospital", "Hôpital de la Feuille"}, {"Queen's Meadow Children's", "Pédiatrie du Pré-de-la-Reine"}, {"Transplant clinic", "Clinique de greffe – cœur"}} {
		code := siteCodes()[i]
		var traps []Trap
		if len(code) > 10 {
			traps = append(traps, LongSite)
		}
		g.int(i + 1).str(code).str("MR_" + code[:3]).str(s[0]).str(s[1]).emit(traps...)
	}
}

// recordNumbers writes one to four record numbers of each patient, and of those that were active once also the version of
// then.
func (g *generator) recordNumbers() {
	id := 1
	now := "2038-01-19 03:14:07.999999"
	add := func(patient int, site, mrn string, active bool, traps ...Trap) {
		start := "2024-02-01 10:00:00.000000"
		if !active {
			traps = append(traps, InactiveMRN)
			g.int(id).int(patient).str(site).str(mrn).int(1).str("2023-05-01 08:00:00.000000").str(start).emitOld()
		}
		g.int(id).int(patient).str(site).str(mrn).bool(active).str(start).str(now).emit(traps...)
		id++
	}
	for n := range g.opt.Patients {
		if n%70 == 57 {
			continue // no record number at all
		}
		serial, site := firstPatient+n, siteCodes()[n%2]
		switch {
		case n%30 == 21:
			add(serial, site, fmt.Sprintf("MRN-%016d", n), true, LongMRN)
		case n > 0 && n%55 == 54:
			add(serial, siteCodes()[(n-2)%2], mrn(n-2), true, SharedMRN)
		default:
			add(serial, site, mrn(n), n%16 != 2)
		}
		if n%12 == 5 {
			add(serial, site, mrn(n)+"B", false, SeveralMRNs)
		}
		if n%5 == 0 {
			add(serial, siteCodes()[2+n%2], mrn(n), true)
		}
		if n%150 == 77 {
			add(serial, "ZZZ", mrn(n), true, UnknownSite)
		}
	}
}

func mrn(n int) string { return strconv.Itoa(9000000 + n) }
