"""Short texts with the language they are in, and texts that are in none; written before the rules that they test."""

# what users write in a line
SHORT = {
    "en": [
        "Where is my order?", "Cancel it", "Yes, please do that.", "How much is it?", "Thanks a lot!", "Open on Sunday?",
        "I lost my card", "Change my password", "What time is it there", "No, the blue one", "reset the router",
        "Next train to London", "Add two more chairs", "Who won?", "Refund not received", "show me the report",
        "Delete this account", "Is it raining", "My screen is black", "speak to an agent", "Good morning",
        "Sorry, wrong number", "Can I pay later?", "battery drains fast", "Translate this for me",
    ],
    "de": [
        "Wo ist meine Bestellung?", "Bitte stornieren", "Ja, gerne.", "Was kostet das?", "Vielen Dank!",
        "Sonntags geöffnet?", "Karte verloren", "Passwort ändern", "Wie spät ist es dort", "Nein, das blaue",
        "Router neu starten", "Nächster Zug nach Köln", "Zwei Stühle mehr", "Wer hat gewonnen?", "Geld nicht erhalten",
        "Rechnung fehlt noch", "Konto löschen", "Regnet es gerade", "Mein Bildschirm ist schwarz", "Guten Morgen",
    ],
    "fr": [
        "Où est ma commande ?", "Annulez-la", "Oui, s'il vous plaît.", "Combien ça coûte ?", "Merci beaucoup !",
        "Ouvert le dimanche ?", "J'ai perdu ma carte", "Changer le mot de passe", "Quelle heure est-il", "Non, la bleue",
        "Redémarrer le routeur", "Prochain train pour Lyon", "Deux chaises de plus", "Qui a gagné ?",
        "Remboursement non reçu", "Supprimer le compte", "Il pleut ?", "Mon écran est noir", "Bonjour",
        "Je veux parler à un conseiller",
    ],
    "es": [
        "¿Dónde está mi pedido?", "Cancélalo", "Sí, por favor.", "¿Cuánto cuesta?", "¡Muchas gracias!", "¿Abren el domingo?",
        "Perdí mi tarjeta", "Cambiar la contraseña", "Qué hora es", "No, la azul", "Reiniciar el router",
        "Próximo tren a Sevilla", "Dos sillas más", "¿Quién ganó?", "No recibí el reembolso", "Borrar la cuenta",
        "¿Está lloviendo?", "Mi pantalla está negra", "Buenos días", "Quiero hablar con un agente",
    ],
    "it": [
        "Dov'è il mio ordine?", "Annullalo", "Sì, grazie.", "Quanto costa?", "Grazie mille!", "Aperto la domenica?",
        "Ho perso la carta", "Cambiare la password", "Che ore sono", "Prossimo treno per Milano", "Chi ha vinto?",
        "Rimborso non ricevuto", "Eliminare l'account", "Sta piovendo?", "Il mio schermo è nero", "Buongiorno",
    ],
    "pt": [
        "Onde está meu pedido?", "Cancele isso", "Sim, por favor.", "Quanto custa?", "Muito obrigado!", "Abre no domingo?",
        "Perdi meu cartão", "Mudar a senha", "Que horas são", "Próximo trem para o Rio", "Quem ganhou?",
        "Reembolso não recebido", "Excluir a conta", "Está chovendo?", "Minha tela está preta", "Bom dia",
    ],
    "nl": [
        "Waar is mijn bestelling?", "Annuleer het", "Ja, graag.", "Hoeveel kost het?", "Hartelijk dank!", "Zondag open?",
        "Ik ben mijn pas kwijt", "Wachtwoord wijzigen", "Hoe laat is het", "Volgende trein naar Utrecht",
        "Wie heeft er gewonnen?", "Geld niet ontvangen", "Account verwijderen", "Regent het?", "Mijn scherm is zwart",
        "Goedemorgen",
    ],
    "pl": [
        "Gdzie jest moje zamówienie?", "Proszę anulować", "Tak, poproszę.", "Ile to kosztuje?", "Dziękuję bardzo!",
        "Czynne w niedzielę?", "Zgubiłem kartę", "Zmień hasło", "Która godzina", "Kto wygrał?", "Usuń konto",
        "Czy pada deszcz?", "Dzień dobry",
    ],
    "ja": [
        "注文はどこですか？", "キャンセルして", "はい、お願いします。", "いくらですか", "ありがとう", "日曜は開いていますか", "カードをなくしました", "パスワードを変更", "今何時", "画面が真っ黒です",
    ],
    "zh": [
        "我的订单在哪里？", "取消它", "好的，谢谢。", "多少钱？", "非常感谢", "周日营业吗", "我的卡丢了", "修改密码", "现在几点", "屏幕是黑的",
    ],
    "ko": [
        "주문이 어디 있나요?", "취소해 주세요", "네, 부탁해요.", "얼마예요?", "감사합니다", "비밀번호 변경", "카드를 잃어버렸어요",
    ],
    "ru": [
        "Где мой заказ?", "Отмените", "Да, пожалуйста.", "Сколько стоит?", "Большое спасибо!", "Я потерял карту",
        "Сменить пароль", "Который час", "Кто выиграл?", "Доброе утро",
    ],
    "tr": [
        "Siparişim nerede?", "İptal et", "Evet, lütfen.", "Ne kadar?", "Çok teşekkürler!", "Kartımı kaybettim",
        "Şifre değiştir", "Kim kazandı?", "Günaydın",
    ],
    "th": [
        "คำสั่งซื้อของฉันอยู่ไหน", "ยกเลิก", "ราคาเท่าไหร่", "ขอบคุณมาก",
    ],
    "ar": [
        "أين طلبي؟", "ألغِه من فضلك", "كم السعر؟", "شكرا جزيلا", "صباح الخير",
    ],
}  # fmt: skip

# one longer text of each language, as most answers are
LONG = {
    "en": "Your parcel left our warehouse yesterday and should arrive within two working days at the latest.",
    "de": "Ihr Paket hat unser Lager gestern verlassen und sollte spätestens in zwei Werktagen bei Ihnen sein.",
    "fr": "Votre colis a quitté notre entrepôt hier et devrait arriver dans deux jours ouvrables au plus tard.",
    "es": "Su paquete salió ayer de nuestro almacén y debería llegar en dos días laborables como máximo.",
    "it": "Il tuo pacco ha lasciato ieri il nostro magazzino e dovrebbe arrivare entro due giorni lavorativi.",
    "pt": "O seu pacote saiu ontem do nosso armazém e deve chegar em no máximo dois dias úteis à sua casa.",
    "nl": "Uw pakket heeft gisteren ons magazijn verlaten en zou uiterlijk binnen twee werkdagen moeten aankomen.",
    "pl": "Twoja paczka opuściła wczoraj nasz magazyn i powinna dotrzeć najpóźniej w ciągu dwóch dni roboczych.",
    "ja": "お荷物は昨日倉庫を出発しましたので、遅くとも二営業日以内にお手元に届く予定です。",
    "zh": "您的包裹昨天已经离开我们的仓库，最迟应该会在两个工作日之内送达您所填写的地址。",
    "ko": "고객님의 소포는 어제 저희 창고에서 출발했으며 늦어도 이틀 안에 도착할 예정입니다.",
    "ru": "Ваша посылка вчера покинула наш склад и должна прибыть не позднее чем через два рабочих дня.",
    "tr": "Paketiniz dün depomuzdan ayrıldı ve en geç iki iş günü içinde adresinize ulaşmış olması gerekiyor.",
    "th": "พัสดุของคุณออกจากคลังสินค้าเมื่อวานนี้และควรจะถึงภายในสองวันทำการ",
    "ar": "غادر طردك مستودعنا أمس ومن المفترض أن يصل إليك خلال يومي عمل على الأكثر إن شاء الله.",
}

# names, numbers, codes: an answer would be a guess
NONE = [
    "Anna Kowalska", "Jean-Luc Moreau", "Siti Nurhaliza", "Bergström AB", "Acme GmbH 2231", "iPhone 15 Pro Max", "OK", "ok",
    "hmm", "lol", "42", "AB-1234-XY", "https://example.com/a?b=c", "Kubernetes", "PostgreSQL 15", "Samsung Galaxy S24",
    "Toyota Corolla", "Paris", "Tokyo", "San Francisco", "Giovanni", "Miguel Ángel", "Nguyen Van An", "SELECT 1",
    "README.md", "user@example.com", "GPT-4o", "Docker", "ERR_CONNECTION_RESET", "M", "12:30", "€ 15,00", "XL", "Ikea Billy",
    "Maria", "J. Smith", "PO Box 12", "Nokia 3310", "Hyundai i20", "Lidl", "pip install numpy", "Toshiba", "Wi-Fi", "USB-C",
    "Rue de Rivoli 12", "Karl-Marx-Allee 3", "def f(x): return x", "{\"a\": 1}", "a, b, c", "True",
]
