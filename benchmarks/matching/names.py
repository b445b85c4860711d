"""Names, towns and company words from which the generator draws; the frequent ones come first. Short forms are the generator's own."""

from __future__ import annotations

FIRST = {
    "US": "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah "
    "Christopher Karen Charles Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Steven Ashley Andrew Emily Joshua Kimberly "
    "Kenneth Donna Kevin Michelle Brian Carol Timothy Amanda Ronald Melissa Jason Deborah Jeffrey Stephanie Gary Rebecca Nicholas Laura "
    "Eric Sharon Jonathan Cynthia Stephen Kathleen Larry Amy Justin Angela Scott Brandon Samuel Gregory Alexander Patrick Victoria Grace",
    "GB": "Oliver Amelia George Olivia Harry Isla Jack Emily Charlie Ava Thomas Jessica Jacob Sophie Alfie Poppy Freddie Grace James Lily "
    "William Evie Henry Charlotte Samuel Daisy Edward Alice Alexander Florence Daniel Rosie Benjamin Matilda Joseph Harriet Simon Fiona "
    "Graham Hazel Nigel Gillian Colin Maureen Stuart Heather Rupert Imogen Alistair Philippa Neil Janet Ian Wendy Gareth Sian Rhys Megan",
    "DE": "Lukas Anna Maximilian Marie Felix Sophie Paul Emma Jonas Lena Leon Hannah Finn Lea Noah Mia Elias Clara Ben Johanna Stefan Katrin "
    "Andreas Sabine Thomas Petra Michael Monika Wolfgang Ursula Klaus Renate Jürgen Brigitte Günter Helga Uwe Karin Dieter Ingrid Björn "
    "Silke Jörg Heike Matthias Susanne Sebastian Julia Tobias Christina Hans-Peter Anna-Lena Karl-Heinz Eva-Maria Rüdiger Bärbel",
    "FR": "Gabriel Louise Léo Emma Raphaël Jade Arthur Alice Louis Chloé Jules Lina Adam Léa Lucas Manon Hugo Camille Pierre Isabelle Jean "
    "Nathalie Michel Sylvie Philippe Catherine Alain Martine Nicolas Christine François Valérie Frédéric Sandrine Jean-Pierre Anne-Marie "
    "Jean-Luc Marie-Claire Étienne Hélène Benoît Céline Thierry Véronique Olivier Aurélie Cédric Mélanie Stéphane Virginie",
    "ES": "Antonio María Manuel Carmen José Ana Francisco Isabel David Laura Juan Cristina Javier Marta Daniel Lucía Carlos Pilar Jesús Elena "
    "Alejandro Raquel Miguel Rosa Rafael Teresa Pedro Beatriz Pablo Silvia Ángel Mercedes Sergio Julia Fernando Rocío Jorge Paula Luis "
    "Nuria Alberto Sonia Álvaro Inés Adrián Irene Óscar Alba Rubén Eva",
    "IT": "Marco Giulia Andrea Francesca Luca Chiara Matteo Sara Alessandro Martina Lorenzo Valentina Davide Alessia Francesco Elisa Giuseppe "
    "Federica Giovanni Silvia Antonio Elena Roberto Paola Stefano Laura Paolo Roberta Simone Ilaria Fabio Claudia Riccardo Monica Nicola",
    "NL": "Jan Anna Daan Emma Sem Sophie Lucas Julia Pieter Johanna Willem Maria Hendrik Elisabeth Cornelis Margaretha Jeroen Esther Bart Femke "
    "Maarten Marieke Sander Sanne Koen Anouk Ruben Iris Thijs Lotte Joost Fleur Wouter Marloes Bram Inge",
    "PL": "Piotr Anna Krzysztof Maria Andrzej Katarzyna Tomasz Małgorzata Jan Agnieszka Paweł Barbara Michał Ewa Marcin Krystyna Grzegorz "
    "Elżbieta Łukasz Magdalena Wojciech Joanna Mariusz Zofia Rafał Teresa Zbigniew Aleksandra Jerzy Monika Sławomir Beata",
    "SE": "Lars Anna Mikael Eva Anders Maria Johan Karin Erik Kristina Per Lena Karl Sara Peter Kerstin Jan Emma Thomas Ingrid Daniel Marie Fredrik "
    "Malin Hans Jenny Göran Åsa Björn Märta Gösta Linnéa Sören Ulla",
    "IN": "Rahul Priya Amit Anjali Rajesh Sunita Sanjay Pooja Vijay Neha Suresh Kavita Anil Deepa Ravi Lakshmi Arjun Divya Vikram Meera Rohan "
    "Shreya Karthik Aishwarya Manoj Rekha Ashok Geeta Naveen Swati Krishna Ananya",
}  # fmt: skip

LAST = {
    "US": "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor "
    "Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres "
    "Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards",
    "GB": "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green Hall Wood Jackson "
    "Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis Rodgers Cox Alexander Marsh Hughes Fisher Palmer Knight Fletcher "
    "O'Brien O'Connor McDonald MacLeod Campbell Stewart Murray Graham Fraser Sinclair Ashworth Fairbairn",
    "DE": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann "
    "Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Maier Köhler Herrmann König Walter "
    "Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Günther Keller Berger Frank Roth Beck",
    "FR": "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia David Bertrand Roux Vincent "
    "Fournier Morel Girard André Lefèvre Mercier Dupont Lambert Bonnet François Martinez Legrand Garnier Faure Rousseau Blanc Guérin Muller "
    "Henry Roussel Nicolas Perrin Morin Mathieu Clément Gauthier Dumont Lopez Fontaine Chevalier Robin",
    "ES": "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero "
    "Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado Castro Ortiz",
    "IT": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Mancini Costa Giordano Rizzo Lombardi "
    "Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra",
    "NL": "de_Jong Jansen de_Vries van_den_Berg van_Dijk Bakker Janssen Visser Smit Meijer de_Boer Mulder de_Groot Bos Vos Peters Hendriks van_Leeuwen "
    "Dekker Brouwer de_Wit Dijkstra Smits de_Graaf van_der_Meer van_der_Linden Kok Jacobs de_Haan Vermeulen van_den_Heuvel",
    "PL": "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski "
    "Krawczyk Kaczmarek Piotrowski Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Wróbel Nowakowski Majewski Olszewski Szczepanowski",
    "SE": "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson Hansson Bengtsson "
    "Jönsson Lindberg Jakobsson Magnusson Olofsson Lindström Lindqvist Lindgren Axelsson Berg Bergström Lundberg Lind Lundgren",
    "IN": "Sharma Singh Kumar Patel Gupta Reddy Iyer Nair Mehta Joshi Rao Shah Verma Das Mukherjee Chatterjee Banerjee Desai Pillai Menon Kapoor "
    "Agarwal Bhat Chopra Malhotra Kulkarni Naidu Sinha",
}  # fmt: skip

STEMS = {
    "US": "Black Wood Stan West Har Fair Brad Hol Whit Lang Chap Law Dal New Craw Hamp Wal Ross Mar Ben Hart Ed Ken Pen Win Thorn Ash Gran Brook Clay",
    "GB": "Ash Brad Thorn Whit Hather Wink Ather Blen Cot Der El Far Grim Hol Ing Ket Lang Mid Nor Ox Pem Rad Sher Thir Up Wal Yar Barn Clif Dun",
    "DE": "Stein Berg Wald Hoch Nieder Ober Linden Eichen Rosen Grün Schön Alt Neu Brand Eisen Kirch Burg Feld Gold Silber Reich Wind Winter Sommer",
    "FR": "Beau Mont Châte La Ville Font Bel Rouge Gran Saint Cour Val Dela Cham Bois Mar Per Char Gau Lan Bre Tour Mal Clair",
    "ES": "Cas Mon Villa Agui Zar Ben Qui Her Oli Sal Ber Cal Men Gal Ari Bar Car Esc Fuen Igle Lar Mir Nav Pal",
    "IT": "Bel Cas Mon San Fer Gua Mal Pel Tor Val Ber Cal Gar Lom Mar Pas Ros Sal Tas Vir Zan Bon Col Dal",
    "NL": "van_der_Wal de_Bruin Hoog Water Veld Berg Linde Molen Kerk Brug Dijk Berk Rooi Zand Noord Zuid Groot Klein Haag Boom Ster Vee",
    "PL": "Kow Wiś Szcze Grab Jan Mal Now Paw Ros Sien Tom Wal Zaj Boro Cze Dob Gó Kra Les Mro Ole Przy Rud Star",
    "SE": "Berg Lind Sjö Ek Ny Öst Väst Norr Söder Sund Holm Gran Björk Al Ask Back Dahl Engl Fors Hag Hell Ked Ros Sand",
    "IN": "Rama Krishna Venka Subra Chan Deva Gana Hari Jaya Kali Laksh Maha Nara Pad Raja Sat Siva Sura Vasu Vish",
}  # fmt: skip
ENDS = {
    "US": "ford ton well ley son man field wood berg er worth dale land stone more by well ham",
    "GB": "worth bury ley ton wick ham shaw croft combe field stead bourne by ridge thwaite mere",
    "DE": "mann bauer er meier hofer müller bach berger feld stein hausen brink kamp inger schmidt thal",
    "FR": "mont ville court ier eau ot ard in and ac et on el lard champ lieu",
    "ES": "tillo ero arez ada anza eda ales uela ano era oso ino ado al eros iz",
    "IT": "ini etti ella oni ucci aro esi acci one ese ardi elli ani otto asso ieri",
    "NL": "stra ma huis man hof meijer zicht horst kamp laar beek schot lo werf",
    "PL": "owski ewski iński czyk ak ek icki alski ecki oń asz ewicz awa ski",
    "SE": "ström berg gren qvist lund mark dal man stedt ell son blad hammar vall",
    "IN": "murthy swamy nathan rajan krishnan lingam moorthy prasad narayan chandra than esh appa",
}  # fmt: skip

SHORT = {
    "James": "Jim", "Robert": "Bob", "John": "Jack", "Michael": "Mike", "David": "Dave", "William": "Bill", "Richard": "Dick",
    "Joseph": "Joe", "Thomas": "Tom", "Christopher": "Chris", "Charles": "Chuck", "Daniel": "Dan", "Matthew": "Matt", "Anthony": "Tony",
    "Steven": "Steve", "Andrew": "Andy", "Joshua": "Josh", "Kenneth": "Ken", "Timothy": "Tim", "Ronald": "Ron", "Jeffrey": "Jeff",
    "Nicholas": "Nick", "Stephen": "Steve", "Gregory": "Greg", "Alexander": "Alex", "Patrick": "Pat", "Elizabeth": "Liz",
    "Patricia": "Pat", "Jennifer": "Jen", "Barbara": "Barb", "Susan": "Sue", "Jessica": "Jess", "Margaret": "Peggy", "Kimberly": "Kim",
    "Deborah": "Debbie", "Rebecca": "Becky", "Kathleen": "Kathy", "Cynthia": "Cindy", "Samuel": "Sam", "Edward": "Ned", "Victoria": "Vicky",
    "Benjamin": "Ben", "Oliver": "Olly", "Frederick": "Fred", "Philippa": "Pip", "Maximilian": "Max", "Sebastian": "Basti", "Johanna": "Hanna",
    "Wolfgang": "Wolf", "Francisco": "Paco", "José": "Pepe", "Manuel": "Manolo", "Francesca": "Franca", "Giuseppe": "Beppe",
    "Alessandro": "Sandro", "Margaretha": "Greet", "Cornelis": "Kees", "Hendrik": "Henk", "Katarzyna": "Kasia", "Małgorzata": "Gosia",
    "Krzysztof": "Krzys", "Frédéric": "Fred", "Isabelle": "Isa", "Alejandro": "Alex",
}  # fmt: skip

CITIES = {
    "US": "New_York Los_Angeles Chicago Houston Phoenix Philadelphia San_Antonio San_Diego Dallas Austin Boston Seattle Denver Portland Atlanta Miami "
    "Minneapolis Cleveland Tampa Columbus Charlotte Detroit Memphis Baltimore Milwaukee Tucson Fresno Sacramento Omaha Raleigh",
    "GB": "London Birmingham Manchester Leeds Glasgow Sheffield Edinburgh Liverpool Bristol Cardiff Leicester Coventry Nottingham Newcastle Brighton "
    "Hull Plymouth Derby Swansea Oxford York Norwich Exeter",
    "DE": "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden Hannover Nürnberg Duisburg Bochum Bonn "
    "Münster Mannheim Augsburg Kiel Freiburg Lübeck Erfurt",
    "FR": "Paris Marseille Lyon Toulouse Nice Nantes Montpellier Strasbourg Bordeaux Lille Rennes Reims Toulon Grenoble Dijon Angers Nîmes Le_Mans",
    "ES": "Madrid Barcelona Valencia Sevilla Zaragoza Málaga Murcia Palma Bilbao Alicante Córdoba Valladolid Vigo Gijón Granada",
    "IT": "Roma Milano Napoli Torino Palermo Genova Bologna Firenze Bari Catania Venezia Verona Messina Padova Trieste",
    "NL": "Amsterdam Rotterdam Den_Haag Utrecht Eindhoven Groningen Tilburg Almere Breda Nijmegen Arnhem Haarlem",
    "PL": "Warszawa Kraków Łódź Wrocław Poznań Gdańsk Szczecin Bydgoszcz Lublin Katowice Białystok Gdynia",
    "SE": "Stockholm Göteborg Malmö Uppsala Västerås Örebro Linköping Helsingborg Jönköping Norrköping Lund Umeå",
    "IN": "Mumbai Delhi Bengaluru Hyderabad Chennai Kolkata Pune Ahmedabad Jaipur Lucknow Kochi Nagpur",
}  # fmt: skip

COMPANY = [
    "Alpha",
    "Apex",
    "Atlas",
    "Beacon",
    "Blue",
    "Bright",
    "Cedar",
    "Cobalt",
    "Coral",
    "Crest",
    "Delta",
    "Eagle",
    "Echo",
    "Ember",
    "Falcon",
    "First",
    "Forge",
    "Global",
    "Golden",
    "Granite",
    "Harbor",
    "Horizon",
    "Icon",
    "Iron",
    "Keystone",
    "Lake",
    "Liberty",
    "Lion",
    "Lumen",
    "Maple",
    "Meridian",
    "Metro",
    "Nimbus",
    "Noble",
    "North",
    "Nova",
    "Oak",
    "Ocean",
    "Omega",
    "Orbit",
    "Pacific",
    "Peak",
    "Pine",
    "Pioneer",
    "Polar",
    "Prime",
    "Quantum",
    "Rapid",
    "Raven",
    "Red",
    "River",
    "Rock",
    "Royal",
    "Sierra",
    "Silver",
    "Sky",
    "Solar",
    "Spring",
    "Star",
    "Sterling",
    "Stone",
    "Summit",
    "Sun",
    "Swift",
    "Terra",
    "Titan",
    "Tri",
    "True",
    "Union",
    "United",
    "Unity",
    "Valley",
    "Vector",
    "Vertex",
    "Vista",
    "Vital",
    "West",
    "White",
    "Wild",
    "Wind",
    "Zenith",
]
TRADE = [
    "Analytics",
    "Automation",
    "Bank",
    "Biotech",
    "Capital",
    "Chemicals",
    "Cloud",
    "Components",
    "Consulting",
    "Construction",
    "Controls",
    "Data",
    "Design",
    "Dynamics",
    "Electric",
    "Energy",
    "Engineering",
    "Estates",
    "Finance",
    "Foods",
    "Freight",
    "Gaming",
    "Glass",
    "Health",
    "Hotels",
    "Imaging",
    "Instruments",
    "Insurance",
    "Labs",
    "Logistics",
    "Machinery",
    "Marine",
    "Media",
    "Medical",
    "Metals",
    "Mining",
    "Mobility",
    "Motors",
    "Networks",
    "Optics",
    "Packaging",
    "Paper",
    "Partners",
    "Pharma",
    "Plastics",
    "Power",
    "Print",
    "Properties",
    "Retail",
    "Robotics",
    "Security",
    "Services",
    "Shipping",
    "Software",
    "Solutions",
    "Steel",
    "Studios",
    "Supply",
    "Systems",
    "Telecom",
    "Textiles",
    "Tools",
    "Trading",
    "Travel",
    "Ventures",
    "Water",
    "Works",
]
LEGAL = {
    "US": ["Inc.", "LLC", "Corp."], "GB": ["Ltd", "Limited", "PLC"], "DE": ["GmbH", "AG", "GmbH & Co. KG"], "FR": ["SA", "SARL", "SAS"],
    "ES": ["S.L.", "S.A."], "IT": ["S.p.A.", "S.r.l."], "NL": ["B.V.", "NV"], "PL": ["Sp. z o.o.", "S.A."], "SE": ["AB"], "IN": ["Pvt Ltd", "Limited"],
}  # fmt: skip
FREEMAIL = ["gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "gmx.de", "web.de", "orange.fr", "libero.it"]
CALLING = {"US": "1", "GB": "44", "DE": "49", "FR": "33", "ES": "34", "IT": "39", "NL": "31", "PL": "48", "SE": "46", "IN": "91"}
TRUNK = {"US": "", "GB": "0", "DE": "0", "FR": "0", "ES": "", "IT": "", "NL": "0", "PL": "", "SE": "0", "IN": "0"}
COUNTRY_SHARE = {"US": 34, "GB": 15, "DE": 14, "FR": 9, "ES": 6, "IT": 6, "NL": 5, "PL": 4, "SE": 3, "IN": 4}
