"""Names and places the invented people are drawn from.

A name written in another script carries its Latin spelling after `=`, because the e-mail address is made of it. Phone patterns
(`#` is a digit, `&` one that is not 0) are ranges that the country's regulator keeps free for fiction: Ofcom, NANPA (555-01XX),
BNetzA, ARCEP, ComReg, PTS, ACMA. A country without such a range gets no numbers, so that nobody's real one is published here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A city with its region, the shape of its postcodes (`#` digit, `@` letter) and its landline range."""

    city: str
    region: str
    postcode: str
    landline: str = ""


@dataclass(frozen=True, slots=True)
class Locale:
    """What people of one country are called, where they live and how they are reached there."""

    country: str
    dial: str
    weight: int
    men: tuple[str, ...]
    women: tuple[str, ...]
    last: tuple[str, ...]
    places: tuple[Place, ...]
    streets: tuple[str, ...]  # `{}` stands for the house number
    mobile: str = ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


UNITED_KINGDOM = Locale(
    country="United Kingdom",
    dial="44",
    weight=44,
    men=_words(
        "James Oliver Harry George Thomas Daniel Samuel Edward Henry Callum Rhys Alasdair Graham Nigel Stuart Martin "
        "Duncan Gareth Ewan Adrian Clive Dominic Jasper Toby Simon"
    ),
    women=_words(
        "Emily Charlotte Sophie Hannah Lucy Rebecca Eleanor Gwen Isla Catriona Harriet Joanna Alison Bethany Victoria "
        "Rosalind Imogen Tamsin Heather Morag Frances Philippa Claire Nicola Judith"
    ),
    last=_words(
        "Smith Smith Smith Jones Jones Taylor Taylor Brown Williams Wilson Evans Walker Wright Robinson Thompson Hughes "
        "Edwards Hill Moore Clarke Fairclough Winterbourne Ashdown Penhaligon Cadwallader Thistlewood Ormerod MacLeod "
        "Trelawney Birtwistle Hollingsworth Abercrombie Pettigrew Ravenscroft Entwistle Greenhalgh Farquharson Kilbride"
    ),
    places=(
        Place("London", "Greater London", "EC#A #@@", "20 7946 0###"),
        Place("Bristol", "", "BS# #@@", "117 496 0###"),
        Place("Manchester", "Greater Manchester", "M#@ #@@", "161 496 0###"),
        Place("Birmingham", "West Midlands", "B## #@@", "121 496 0###"),
        Place("Leeds", "West Yorkshire", "LS# #@@", "113 496 0###"),
        Place("Edinburgh", "Midlothian", "EH# #@@", "131 496 0###"),
        Place("Glasgow", "Lanarkshire", "G# #@@", "141 496 0###"),
        Place("Cardiff", "South Glamorgan", "CF## #@@", "29 2018 0###"),
    ),
    streets=(
        "{} Station Road",
        "{} High Street",
        "{} Mill Lane",
        "{} Castle Terrace",
        "{} Victoria Park",
        "{} Quayside",
        "Unit {}, Foundry Court",
        "{} Orchard Way",
    ),
    mobile="7700 900###",
)

LOCALES: tuple[Locale, ...] = (
    UNITED_KINGDOM,
    Locale(
        country="United States",
        dial="1",
        weight=12,
        men=_words("Tyler Brandon Austin Marcus Darnell Travis Wyatt Hector Caleb Preston"),
        women=_words("Ashley Brittany Madison Kayla Shanice Savannah Paige Marisol Autumn Delaney"),
        last=_words("Johnson Miller Davis Garcia Washington Kowalczyk Delacroix Yellowhorse Vandermeer Castellano"),
        places=(
            Place("New York", "NY", "100##", "212 555 01##"),
            Place("Chicago", "IL", "606##", "312 555 01##"),
            Place("Seattle", "WA", "981##", "206 555 01##"),
            Place("Austin", "TX", "787##", "512 555 01##"),
        ),
        streets=("{} Maple Avenue", "{} Elm Street, Suite 4", "{} Harbor Boulevard", "{} Lakeview Drive"),
        mobile="202 555 01##",
    ),
    Locale(
        country="Germany",
        dial="49",
        weight=8,
        men=_words("Jürgen Matthias Björn Götz Sören Klaus Uwe Detlef"),
        women=_words("Käthe Annegret Ulrike Mareike Bärbel Friederike Gesine Jördis"),
        last=_words("Müller Schröder Weiß Großmann Köhler Szczepanowski Brügelmann von_der_Leyden Überacker Jäger"),
        places=(
            Place("Berlin", "Berlin", "10###", "30 23125 ###"),
            Place("München", "Bayern", "80###", "89 99998 ###"),
            Place("Köln", "Nordrhein-Westfalen", "50###", "221 4710 ###"),
            Place("Hamburg", "Hamburg", "20###", "40 66969 ###"),
        ),
        streets=("Lindenstraße {}", "Am Kanal {}", "Große Bleichen {}", "Schönhauser Weg {}"),
        mobile="171 39200##",
    ),
    Locale(
        country="France",
        dial="33",
        weight=7,
        men=_words("François Jérôme Loïc Benoît Étienne Gaël Hervé"),
        women=_words("Chloé Hélène Maëlys Noémie Aurélie Solène Françoise"),
        last=_words("Lefèvre Beaulieu D’Aubigné Pâquet Garçon Le_Goff Châtelain Saint-Exupère Noël-Duval"),
        places=(
            Place("Paris", "Île-de-France", "750##", "1 99 00 ## ##"),
            Place("Lyon", "Auvergne-Rhône-Alpes", "690##", "4 65 71 ## ##"),
            Place("Rennes", "Bretagne", "350##", "2 61 91 ## ##"),
        ),
        streets=("{} rue de l’Église", "{} bis, quai des Brumes", "{} allée des Tilleuls"),
        mobile="6 39 98 ## ##",
    ),
    Locale(
        country="Sweden",
        dial="46",
        weight=4,
        men=_words("Åke Göran Håkan Örjan Sixten Lennart Torbjörn"),
        women=_words("Åsa Märta Gunilla Ebba Linnéa Ingegärd Pernilla"),
        last=_words("Söderström Åkerlund Björkqvist Ödman Hägglund Öhrnberg Sjögren"),
        places=(Place("Stockholm", "", "11# ##", "8 465 004 ##"), Place("Göteborg", "", "41# ##", "31 390 06 ##")),
        streets=("Kungsgatan {}", "Sveavägen {}", "Östra Hamngatan {}"),
        mobile="70 174 06 &#",
    ),
    Locale(
        country="Ireland",
        dial="353",
        weight=4,
        men=_words("Séamus Pádraig Cillian Oisín Fionn Diarmuid"),
        women=_words("Siobhán Niamh Aoife Gráinne Róisín Caoimhe"),
        last=_words("O’Sullivan Ó_Dálaigh Mac_Giolla_Bhríde O’Shaughnessy Ní_Bhriain Geoghegan De_Búrca"),
        places=(Place("Dublin", "", "D0# X###", "20 91# ####"), Place("Cork", "", "T## Y###", "20 91# ####")),
        streets=("{} St Brigid’s Road", "{} Grand Canal Row"),
    ),
    Locale(
        country="Australia",
        dial="61",
        weight=3,
        men=_words("Lachlan Bruce Angus Darcy Flynn"),
        women=_words("Kylie Matilda Sheila Bronte Marlee"),
        last=_words("Nguyen Papadopoulos Wentworth Billabong-Ross Macquarie Djokovic-Hart"),
        places=(Place("Sydney", "NSW", "20##", "2 5550 ####"), Place("Melbourne", "VIC", "30##", "3 5550 ####")),
        streets=("{} Wattle Street", "{} Kookaburra Close"),
    ),
    Locale(
        country="Japan",
        dial="81",
        weight=4,
        men=_words("健太=kenta 大輔=daisuke 翔=sho 隆=takashi"),
        women=_words("陽子=yoko 美咲=misaki さくら=sakura 恵=megumi"),
        last=_words("田中=tanaka 佐藤=sato 鈴木=suzuki 渡辺=watanabe 勅使河原=teshigawara 小林=kobayashi 長谷川=hasegawa"),
        places=(Place("千代田区", "東京都", "100-00##"), Place("横浜市", "神奈川県", "231-00##")),
        streets=("丸の内{}丁目", "本町{}番地"),
    ),
    Locale(
        country="China",
        dial="86",
        weight=3,
        men=_words("伟=wei 强=qiang 志明=zhiming 建国=jianguo 浩然=haoran"),
        women=_words("芳=fang 秀英=xiuying 丽=li 静怡=jingyi 雪梅=xuemei"),
        last=_words("王=wang 李=li 张=zhang 欧阳=ouyang 诸葛=zhuge 陈=chen 刘=liu"),
        places=(Place("上海", "上海市", "2000##"), Place("深圳", "广东省", "5180##")),
        streets=("南京路{}号", "人民大道{}号"),
    ),
    Locale(
        country="United Arab Emirates",
        dial="971",
        weight=4,
        men=_words("محمد=mohammed خالد=khalid عبد_الرحمن=abdulrahman يوسف=yousef"),
        women=_words("فاطمة=fatima ليلى=layla نورة=noura مريم=maryam"),
        last=_words("المنصوري=almansoori الهاشمي=alhashimi بن_سلطان=binsultan القاسمي=alqasimi الشامسي=alshamsi الكعبي=alkaabi"),
        places=(Place("دبي", "دبي", ""), Place("Abu Dhabi", "Abu Dhabi", "")),
        streets=("شارع الشيخ زايد {}", "{} Corniche Road"),
    ),
    Locale(
        country="Ukraine",
        dial="380",
        weight=3,
        men=_words("Олександр=oleksandr Тарас=taras Богдан=bohdan Ярослав=yaroslav Микола=mykola"),
        women=_words("Оксана=oksana Наталія=nataliia Соломія=solomiia Людмила=liudmyla Ірина=iryna"),
        last=_words("Шевченко=shevchenko Коваленко=kovalenko Григоренко=hryhorenko Щербак=shcherbak Ткаченко=tkachenko Юрчук=yurchuk"),
        places=(Place("Київ", "", "010##"), Place("Львів", "Львівська область", "790##")),
        streets=("вул. Хрещатик, {}", "просп. Свободи, {}"),
    ),
    Locale(
        country="Poland",
        dial="48",
        weight=4,
        men=_words("Zbigniew Łukasz Michał Sławomir"),
        women=_words("Małgorzata Agnieszka Żaneta Bożena"),
        last=_words("Wiśniewski Brzęczyszczykiewicz Dąbrowska Łoś Żółkiewska Wójcik Szymański"),
        places=(Place("Łódź", "łódzkie", "90-###"), Place("Kraków", "małopolskie", "30-###")),
        streets=("ul. Piotrkowska {}", "ul. Długa {}"),
    ),
    Locale(
        country="India",
        dial="91",
        weight=4,
        men=_words("Arjun Venkatanarasimharajuvaripeta Rajesh Sanjay Vikram"),
        women=_words("Lakshmi Ananya Priyanka Subbulakshmi"),
        last=_words("Krishnamurthy Venkataraman Chattopadhyay Subramanian Iyer Balakrishnan"),
        places=(Place("Bengaluru", "Karnataka", "5600##"), Place("Chennai", "Tamil Nadu", "6000##")),
        streets=("{} MG Road", "No. {}, 2nd Cross, Indiranagar"),
    ),
    Locale(
        country="Spain",
        dial="34",
        weight=3,
        men=_words("Íñigo Andrés Joaquín Ramón Álvaro"),
        women=_words("Begoña Lucía María_del_Carmen Nuria Inés"),
        last=_words("Núñez_Peña Ibáñez Etxeberria Zúñiga_de_la_Fuente Peñalver Castaño"),
        places=(Place("Madrid", "Madrid", "280##"), Place("A Coruña", "Galicia", "150##")),
        streets=("Calle de Alcalá, {}", "Rúa do Franco, {}"),
    ),
)
