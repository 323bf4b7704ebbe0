package synth

// Names of nobody: given names as they are found in Montreal, family names made up from trees and their parts.

func femaleNames() []string {
	return []string{"Amélie", "Zoé", "Françoise", "Marie-Ève", "Hélène", "Noémie", "Beatrice", "Priya", "Siobhán", "Chloë", "Inès", "Mei", "Fatou", "Anaïs", "Ingrid", "Océane", "Rachel", "Sarah-Jane", "Žofie", "Thérèse"}
}

func maleNames() []string {
	return []string{"Étienne", "François", "Jean-Luc", "Olivier", "Benoît", "Théo", "Kwame", "Sanjay", "Åke", "Gaël", "Loïc", "Owen", "D'Arcy", "Jürgen", "Émile", "Raphaël", "Wei", "Tomás", "Zoltan-Paul", "Noël"}
}

func familyNames() []string {
	return []string{"Figuier", "O'Branch", "Saint-Rameau", "Lebœuf-Tige", "D'Écorce", "Rootes", "Brindille", "Feuillemorte", "Oakley-Pine", "Müllerbaum", "Sève", "L'Érablière", "Tremblebois",
		"Van der Stam", "McTwig", "Peupliergris", "Œuillet", "Châtaignon", "Ñandubay", "Ifs", "de la Souche", "Genévrier-O'Thorn", "Bourgeonnet", "Cèdre", "Kirschzweig", "Aubépin", "Mélèzaie", "Noisetier", "Birchwood", "Ash"}
}

// wideTexts are texts that no legacy latin1 column can hold.
func wideTexts() []string {
	return []string{"榕树 (banyan)", "いちじく", "Смоковница", "無花果 🌳", "תאנה", "Đa Lông"}
}
