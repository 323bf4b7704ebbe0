package synth

import (
	"strings"
)

func (g *generator) questions() {
	for i, q := range questions() {
		var traps []Trap
		if len(q[0]) > 100 || len(q[1]) > 100 {
			traps = append(traps, LongQuestion)
		}
		g.int(i + 1).str(q[0]).str(q[1]).str("2018-10-01 09:00:00").time(g.opt.Now.AddDate(-2, 0, i)).bool(i%5 != 4).emit(traps...)
	}
}

func questions() [][2]string {
	return [][2]string{
		{"Under which tree did you read your first book?", "Sous quel arbre avez-vous lu votre premier livre?"},
		{"What was the name of your first plant?", "Quel était le nom de votre première plante?"},
		{"Which fruit do you like least?", "Quel fruit aimez-vous le moins?"},
		{"In which season were your parents married?", "En quelle saison vos parents se sont-ils mariés?"},
		{"Who taught you to climb?", "Qui vous a appris à grimper?"},
		{"Of all the gardens that you have walked through in your childhood, which is the one that you would walk through once more today?", "De tous les jardins de votre enfance, lequel aimeriez-vous traverser encore une fois aujourd'hui, et pour quelle raison?"},
		{"What colour is your watering can?", "De quelle couleur est votre arrosoir?"},
		{"Which bird wakes you?", "Quel oiseau vous réveille?"},
	}
}

// answers writes three answers of each patient who has an account.
func (g *generator) answers() {
	id := 1
	add := func(question, patient int, answer string, traps ...Trap) {
		g.int(id).int(question).int(patient).str(answer).time(g.opt.Now.AddDate(-1, 0, -id%300)).time(g.opt.Now.AddDate(0, 0, -id%200)).emit(traps...)
		id++
	}
	for n := range g.opt.Patients {
		p := g.person(n)
		if p.username == "" {
			continue
		}
		for i := range 3 {
			if i == 1 && n%90 == 41 {
				add(1+(n+i)%len(questions()), p.serial, strings.Repeat("a long story about the tree – ", 20), LongAnswer)
				continue
			}
			add(1+(n+i)%len(questions()), p.serial, g.answer(n, i))
		}
		if n%150 == 98 {
			add(1, g.missing()+n, g.answer(n, 3), OrphanAnswer)
		}
	}
}

// answer is the stored form of the answer that patient n gave to his i-th question.
func (g *generator) answer(n, i int) string {
	return hash(strings.ToUpper(pick(g.chance("answer", 4*n+i), []string{"Fig", "Érable", "Red", "Grand-mère", "The old oak", "Robin"})))
}
