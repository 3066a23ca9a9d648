"""Made-up names in many scripts. Those of a culture's two pools are combined at random."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Culture:
    """Given names and surnames, as words between blanks; an underscore is a blank within a name."""

    country: str
    given: str
    surnames: str
    family_first: bool = False

    def pools(self) -> tuple[list[str], list[str]]:
        return _words(self.given), _words(self.surnames)


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


CULTURES = {
    "english": Culture(
        "United Kingdom",
        "Amelia Oliver Isla George Poppy Harry Freya Arthur Imogen Rupert Beatrix Callum Tamsin "
        "Alfie Rosalind Mary-Anne",
        "Whitcombe Ashdown Fairweather Holloway Pembroke Thistlewood Okonkwo-Hale Redfern "
        "Lockhart Marsh Ellery Cavendish Penhaligon Underhill Sharpe",
    ),
    "irish": Culture(
        "Ireland",
        "Aoife Ciarán Saoirse Pádraig Niamh Oisín Gráinne Eoin Sinéad Tadhg Róisín Fiachra "
        "Caoimhe Donnchadh",
        "O’Sullivan Ó_Conaill Ní_Dhomhnaill McGrath O'Malley Breathnach Kavanagh Mac_Cárthaigh "
        "Gallagher Doyle de_Búrca Tierney",
    ),
    "french": Culture(
        "France",
        "Élodie Loïc Maëlys Théo Zoé François Anaïs Gaëtan Hélène Cédric Noémie Jean-Noël Côme "
        "Agnès",
        "Lefèvre Brûlé de_La_Tour Garçon D’Aubigné Müller-Roche Châtelain Bénard Noël Fontaine "
        "Peltier L'Hôte Gâtinais Rivière",
    ),
    "german": Culture(
        "Germany",
        "Jürgen Änne Björn Käthe Götz Heike Lüder Marlene Sören Ute Wiebke Friedrich Anneliese "
        "Günther",
        "Weiß Größer Schäfer Kühn von_der_Heide Strauß Brückner Löwe Hänsel Voß Krüger Rößler "
        "Zöllner",
    ),
    "spanish": Culture(
        "Spain",
        "Íñigo Begoña Ramón Lucía Álvaro María_José Martín Nuria Óscar Inés Julián Ángela "
        "Joaquín Rocío",
        "Núñez Ibáñez García_Peña Muñoz Ordóñez de_la_Cruz Zúñiga Gómez Echevarría Vázquez "
        "Solís Cañizares",
    ),
    "polish": Culture(
        "Poland",
        "Łukasz Małgorzata Paweł Zdzisława Wojciech Żaneta Błażej Agnieszka Stanisław Kinga "
        "Michał Bożena Grażyna",
        "Wiśniewski Dąbrowska Źrebiec Jabłoński Śliwa Łęcki Kwiatkowska Błaszczyk Ćwik Żurawska "
        "Gąsior Nowakowski",
    ),
    "turkish": Culture(
        "Türkiye",
        "İpek Çağlar Gülşen Oğuz Işıl Ömer Şebnem Barış Tuğba Yiğit Zübeyde Kıvanç Ayşe Ümit",
        "Yıldırım Öztürk Çelik Şahin Gündoğdu İnanç Ağaoğlu Kılıç Büyük Demirtaş Işık Güneş",
    ),
    "vietnamese": Culture(
        "Vietnam",
        "Thị_Hương Văn_Đức Minh_Thảo Quốc_Bảo Ngọc_Ánh Hữu_Phước Thanh_Tuyền Đình_Khôi Mỹ_Duyên "
        "Xuân_Trường Bích_Phượng",
        "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Dương",
        family_first=True,
    ),
    "swedish": Culture(
        "Sweden",
        "Åsa Göran Märta Örjan Sigrid Håkan Linnéa Björn Ingrid Karl-Åke Torbjörn Ann-Sofie",
        "Åkesson Lindström Sjöberg Östlund Hägg Bäckman af_Ekenstam Nordqvist Öberg Ståhl Ängström",
    ),
    "russian": Culture(
        "Kazakhstan",
        "Анастасия Дмитрий Екатерина Фёдор Людмила Юрий Ольга Святослав Галина Алексей Ксения "
        "Тимур",
        "Воробьёва Соколов Щербаков Лебедева Зайцев Муравьёва Ковалёв Орлова Ежов Цветкова "
        "Журавлёв",
    ),
    "ukrainian": Culture(
        "Ukraine",
        "Оксана Тарас Анна-Марія Богдан Соломія Євген Лілія Юрій Мар’яна Остап Ірина Святослав",
        "Шевчук Коваленко Ґудзь Бондаренко Лисенко Єфименко Ткач Мельник Гончар Їжак Яременко",
    ),
    "greek": Culture(
        "Greece",
        "Ελένη Γιώργος Αικατερίνη Δημήτρης Ζωή Παναγιώτης Ευαγγελία Χρήστος Ιωάννα Θεόδωρος "
        "Νεφέλη Σπύρος",
        "Παπαδάκης Γεωργίου Αντωνιάδη Καραγιάννης Οικονόμου Ψαράς Μακρή Σταθόπουλος Ξενάκης "
        "Βλάχου Ραγκαβής",
    ),
    "arabic": Culture(
        "United Arab Emirates",
        "ليلى خالد فاطمة يوسف نور سامي هدى عمر رانيا طارق أمينة زياد مريم إبراهيم",
        "الحسن حدّاد المنصوري عبد_الرحمن الخطيب بن_سعيد القاسم النجار الشريف درويش المرزوقي",
    ),
    "hebrew": Culture(
        "Israel",
        "נועה איתן תמר יונתן שירה דוד מיכל אורי רחל גיא הדס עמית",
        "לוי כהן מזרחי פרידמן בן־דוד שפירא אברהמי גולן רוזן אלמוג צור חזן",
    ),
    "hindi": Culture(
        "India",
        "अनन्या रोहित प्रिया विक्रम दीपिका अर्जुन काव्या संजय मीरा आदित्य सुनीता राजेश",
        "शर्मा वर्मा मिश्रा त्रिपाठी जोशी कुलकर्णी चौधरी सक्सेना पाण्डेय देशमुख अग्रवाल",
    ),
    "chinese": Culture(
        "China",
        "伟 静怡 志强 晓红 建国 雨桐 子轩 丽华 浩然 思远 梦瑶 文博",
        "王 李 张 刘 陈 欧阳 赵 黄 周 司马 徐 孙",
        family_first=True,
    ),
    "japanese": Culture(
        "Japan",
        "美咲 健太 陽菜 大輔 さくら 翔 千尋 拓也 ひかり 修一 あゆみ 蓮",
        "佐藤 鈴木 高橋 渡邉 伊藤 齋藤 小林 山田 髙木 長谷川 森 五十嵐",
        family_first=True,
    ),
    "korean": Culture(
        "South Korea",
        "서연 민준 지우 도윤 하은 주원 수아 예준 지민 현우 유나 은호",
        "김 이 박 최 정 강 조 윤 장 임 남궁 한",
        family_first=True,
    ),
}

DEPARTMENTS = (
    "Finance", "Technology", "Client Services", "People", "Legal", "Operations", "Risk", "Sales",
    "Communications", "Health & Safety", "R&D",
)  # fmt: skip
JOB_TITLES = (
    "Analyst", "Senior Analyst", "Associate", "Engineer", "Adviser", "Apprentice", "Partner",
    "Director", "Office Manager", "Administrator", "Head of Department", "Interpreter",
)  # fmt: skip
