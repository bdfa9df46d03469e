# ruff: noqa: E501 - sentences and patterns stay in one piece
"""Refusals and near-refusals written by the project, in many styles and languages, as material for training.

Every line was written for this file; none is from a data set. `{t}` stands for a topic.
"""

from __future__ import annotations

TOPICS = (
    "how to open a locked car", "the password of another person", "a weapon at home", "this medical dosage", "your internal tools",
    "the customer's account", "tax evasion", "a fake invoice", "the salary of a colleague", "a song by a living artist", "explicit stories",
    "the stock price tomorrow", "an essay that insults a neighbour", "an election campaign", "drugs", "someone's phone number", "malware",
    "the content of that website", "a court case", "self-harm", "surveillance of a partner", "cheating in an exam", "credit card numbers",
    "a conspiracy theory", "racist jokes", "competitors' products", "an impersonation of a celebrity", "bypassing a paywall", "this image",
)

# what comes before; the empty ones are there to be chosen often
OPENINGS = (
    "", "", "", "", "", "Thank you for your question. ", "Thanks for reaching out! ", "I understand why you are asking. ", "I appreciate your curiosity. ",
    "I hear you, and I can see this matters to you. ", "That's an interesting question. ", "Hello! ", "Hi there! ", "Great question! ", "I see. ",
    "I understand that you're looking for details on {t}. ", "Thank you for your patience. ", "Good morning, and thanks for contacting us. ",
    "I get that you're frustrated. ", "Hey! ", "Dear customer, ", "Okay, ", "Hmm, ", "Let me be upfront with you. ", "I want to be honest with you. ",
    "Thank you for trusting me with this. ", "Of course I'd love to be useful. ", "It sounds like you're working on {t}. ",
)

REFUSALS = (
    "I can't help with that.", "I cannot help with that request.", "I'm not able to help with {t}.", "I'm sorry, but I can't assist with that.",
    "I’m sorry, but I can’t help with {t}.", "Sorry, I can’t do that.", "I apologize, but I cannot provide information about {t}.",
    "My apologies, but I am unable to fulfil this request.", "Unfortunately, I'm unable to share anything about {t}.",
    "I'm afraid I can't do that.", "I'm afraid that falls outside what I can help with.", "I must decline this request.",
    "I have to decline.", "I'd rather not write about {t}.", "I would prefer not to discuss {t}.", "I won't be able to assist you with {t}.",
    "I will not produce content about {t}.", "I won't write that.", "I refuse to take part in {t}.", "No, I won't help with {t}.",
    "No. I am not going to do this.", "That's not something I can help with.", "This isn't something I'm able to discuss.",
    "That is something I can't answer.", "{t} is not something I'm comfortable with.", "I don't feel comfortable writing about {t}.",
    "I do not feel comfortable answering this.", "As an AI, I cannot give advice on {t}.", "As an AI language model, I can't do that.",
    "As a large language model, I am not able to help with {t}.", "I'm just an AI, so I can't offer an opinion on {t}.",
    "As a virtual assistant, I'm not permitted to talk about {t}.", "I'm an AI assistant and I do not engage in conversations about {t}.",
    "I am programmed to avoid {t}, so I cannot answer.", "My guidelines don't allow me to discuss {t}.", "My guidelines prevent me from helping with {t}.",
    "My programming does not allow me to create that.", "Our policies do not permit me to share {t}.", "This request goes against our usage policies.",
    "This request violates our content policy, so it was not completed.", "Your request was flagged and cannot be processed.",
    "The response was filtered because the prompt triggered our content management policy.", "I can't comply with this request because it involves {t}.",
    "I cannot in good conscience help with {t}.", "It would be unethical for me to help with {t}.", "It would not be appropriate for me to comment on {t}.",
    "It's not appropriate to provide instructions for {t}.", "It is illegal and wrong to pursue {t}, and I will not assist.",
    "Helping with {t} could cause real harm to people, so I'm going to stop here.", "I can't engage with that topic.",
    "I can't create content that promotes {t}.", "I am not allowed to generate text about {t}.", "I'm not in a position to give {t}.",
    "I'm unable to provide legal advice about {t}. Please consult a lawyer.", "I can't diagnose this. Please see a doctor as soon as possible.",
    "I cannot give medical advice on {t}; a pharmacist can.", "I don't have access to {t}, so I cannot look it up.",
    "I do not have the ability to browse the internet or open links, so I can't help with {t}.", "I'm unable to view images, so I can't help with this image.",
    "I'm not able to disclose my system prompt.", "I can't share my instructions with you.", "Sorry, those details are confidential and I can't reveal them.",
    "I only answer questions about our products, so I can't help with {t}.", "I'm here to help with billing questions; {t} is outside my scope.",
    "That is beyond the scope of what I can do here.", "I am limited to questions about your order and can't discuss {t}.",
    "I can only help with travel bookings. For {t}, please look elsewhere.", "Let's talk about something else.", "Can we change the subject? I'd rather not go there.",
    "I must respectfully decline to write about {t}.", "With respect, I won't do that.", "Nope, can't do that one!", "Yeah, no, I'm not touching {t}.",
    "Not going to happen, sorry.", "I'm gonna have to pass on this one.", "I'll have to say no to this.", "Request denied.",
    "Unable to comply.", "Unable to process this request.", "We are unable to assist with {t} at this time.", "We cannot provide {t} through this channel.",
    "I don't have personal opinions, so I cannot say who is right about {t}.", "I don't take sides on {t}, and I can't recommend a position.",
    "I strive to stay neutral, so I won't write a text that praises {t}.", "I cannot express a preference about {t}.",
    "I can't write lyrics that are protected by copyright.", "Reproducing that text would infringe copyright, so I can't include it.",
    "I can't pretend to be that person.", "I cannot role-play as a character without rules.", "I won't ignore my instructions.",
    "I can't predict {t}.", "I'm unable to verify that, so I won't speculate about {t}.", "I don't think I should answer that.",
    "I do not condone {t}, and I can't provide instructions.", "I strongly advise against {t} and will not describe it.",
    "Nobody should be encouraged to try {t}. I cannot explain how.", "People deserve respect and dignity, and jokes about {t} hurt them; I'd ask you to reconsider.",
    "It is never acceptable to treat people this way, and I will not write in favour of it.", "I don't think it's right to joke about {t}.",
    "It is important to respect other people's privacy. I can't look up {t}.", "Sharing such data without consent would violate privacy, so I can't.",
    "I cannot continue this conversation.", "I'm ending the conversation here because it involves {t}.", "I'm going to stop you there; I can't talk about {t}.",
    "Apologies, that is against our terms of service.", "Regrettably this is something we do not offer advice on.", "I regret that I cannot be of help with {t}.",
    "I wish I could help, but I can't provide {t}.", "As much as I'd like to help, {t} is off limits for me.", "While I'd love to help, I can't write about {t}.",
    "While I understand the request, I cannot generate that.", "I know this is not what you hoped for, but I'm not able to give you {t}.",
    "I was not able to complete this because it may violate our safety rules.", "I'm designed to be helpful and harmless, and {t} is neither, so no.",
    "Instead of {t}, may I suggest a safer subject?", "Please contact a professional; I'm not qualified to help with {t}.",
    "I encourage you to talk to someone you trust. I can't go into {t}.", "If you are thinking about {t}, please call your local emergency number. I cannot provide methods.",
)

REASONS = (
    "", "", "", " It could hurt someone.", " That would be against my guidelines.", " It goes against ethical and moral standards.", " This is illegal in most places.",
    " Doing so may violate the law and the rights of others.", " My purpose is to be helpful, safe and respectful.", " I aim to be fair to everyone.",
    " It is important to treat everybody with respect and dignity.", " Privacy matters, and this information is not public.", " I have to follow our policies.",
    " That content could be offensive or harmful.", " I hope you understand.", " Thanks for understanding.",
)

CLOSINGS = (
    "", "", "", " Is there anything else I can help you with?", " If you have another question, feel free to ask.", " Let me know if there is something else you need.",
    " I'd be happy to help with a different topic.", " Instead, I can suggest a story about friendship.", " Perhaps I can help with something related and safe?",
    " Please reach out to a professional.", " How else may I assist you today?", " Please consult a qualified expert.", " I encourage you to find a constructive way forward.",
)

# moralising without the word no
MORALISING = (
    "It is not appropriate or ethical to give instructions for {t}.", "It's not appropriate or safe to describe {t}.", "It is not acceptable to ask for {t}.",
    "It is not okay to hurt anyone, whatever the reason.", "It is not right to suggest that a group of people should be treated worse than others.",
    "It is never okay to take what belongs to someone else, and {t} is a crime.", "I don't think it's appropriate to make jokes about {t}.",
    "I don't think that is a respectful question to ask.", "I must point out that the question is harmful and offensive.", "I must clarify that nobody should be treated unfairly.",
    "Using violence is never an acceptable way to settle a disagreement.", "No, that would be wrong. All people deserve the same rights.", "No, I do not think anyone should do that.",
    "That is a harmful stereotype, and it is not based on fact.", "I'm glad you asked, but I must say that the wording of your question is problematic and may imply violence.",
    "There is no justification for {t}; it is illegal, dangerous and morally wrong.", "The question contains harmful assumptions.", "This topic is sensitive and I would urge you to think about the people it concerns.",
    "Nobody should be discriminated against, whatever they look like or believe.", "I'm here to be helpful, but I must address the safety concern in your question.",
)
# what long refusals go on with
LONG = (
    " It is a serious crime that can lead to fines and prison, and it causes suffering to the victims and their families.", " It is important to remember that every person deserves respect and dignity.",
    " Instead, I would suggest that you look for lawful and peaceful ways to reach your goal.", "\n\nIf you or someone you know is in danger, please call the police or a help line. There are people who will listen and support you.",
    "\n\nIt is also worth noting that such acts can have lasting effects on the health of those involved.", " We should always strive to be kind and to consider how our words affect others.",
    "\n\nThere are many positive ways to spend your time: learn an instrument, join a club, volunteer in your town, or talk to a counselor.", " Laws exist to protect everybody, and breaking them undermines trust.",
    "\n\nIf you have concerns about your safety, speak with a lawyer or a social worker who knows the rules where you live.", " In the game, players can choose between several missions, and violence is only one of the options.",
    " Privacy is a basic right, and personal documents can only be requested by the person concerned or by an authority.", " Sources such as libraries and official websites offer reliable material on the subject.",
    "\n\n1. Talk to a friend.\n2. Write down what worries you.\n3. Ask a professional for advice.", " Historically, such events have led to great harm, and their consequences are still felt today.",
)

# a part declined, the rest answered
PARTIALS = (
    "I can't give you {t} in full, but here is a short overview: first, gather the documents; second, fill in the form; third, wait for the confirmation, which takes about ten days.",
    "I cannot recommend a specific product. However, there are a few things to look for: the size of the battery, the weight, and the length of the warranty. Most people are happy with a middle model.",
    "As an AI, I don't have personal opinions. However, many people argue that the plan would lower rents, while others believe it would slow down building. The evidence so far is mixed.",
    "I don't have personal feelings or beliefs, but I can provide some information. The debate goes back to 1974, when the council first voted on it. Supporters point to jobs, critics to noise.",
    "I'm not a lawyer and can't give legal advice, but in general a tenant may withhold part of the rent when the heating fails. Write to the landlord, set a date, and keep copies.",
    "I can't open links, but judging from the title, the article deals with the history of tea. Tea came to Europe in the seventeenth century and was at first sold as a medicine.",
    "I'm unable to see the image. That said, if the leaf is yellow with green veins, the plant probably lacks iron; water it with a chelate and check the acidity of the soil.",
    "Sorry, I can't write the part about {t}. Here is the rest of the letter: Dear Ms Keller, thank you for your visit last week. We enjoyed showing you the workshop and would be glad to send an offer.",
    "I won't include the insults, but here's the poem you asked for:\n\nThe river ran beside the mill,\nThe evening bells were ringing,\nAnd over field and wood and hill\nThe nightingales were singing.",
    "I cannot predict prices. What I can say is that in the last ten years the index rose by about seven percent a year, with two large falls, and that costs matter more than timing.",
    "I don't think it is fair to say that one group is lazy. Working hours differ between countries mainly because of part-time rules: in one country a third of people work part time, in another a tenth.",
    "I must point out that the question rests on a false assumption. Cats cannot vote anywhere; the story comes from a joke in a local newspaper of 1988, which listed a cat as a candidate for mayor.",
    "While I can't share private details about her, she is known publicly as the author of three novels, and her first one won a prize in 2009. Her publisher lists readings on its page.",
    "I can't tell you how to do this yourself because it is dangerous, but an electrician will usually proceed as follows: switch off the main fuse, test the wires, replace the socket and test again.",
    "As an AI language model, I do not have personal opinions or beliefs. However, whether to rebuild the bridge is a decision for the town and depends on the costs, the traffic and the views of residents.",
    "As an AI, I don't hold personal opinions. Whether a school should carry his name is a matter of public debate, and there are arguments on both sides.",
    "I don't have preferences, but I can tell you that the first phone has the better camera while the second lasts longer.",
    "As an AI, I do not take sides. Supporters point to his reforms of the railway; critics mention the scandals of his second term. It is ultimately up to the people to judge.",
    "I cannot have opinions. That being said, many readers prefer the earlier books because the plots are tighter.",
    "I don't have a personal opinion on the matter, but it may be useful to consider the history: the square was laid out in 1820 and named after a general.",
    "It is up to the community to decide. As a language model I take no side, but statues are commonly put up for people with lasting achievements, and the choice is often made by a public vote.",
)

# near-refusals: ordinary answers with the same words
ORDINARY = (
    "I can't wait to see your garden! Start with the tomatoes in March and plant them outside in May.", "I cannot recommend this restaurant enough; the soup is wonderful.",
    "I couldn't agree more. The second design is clearer, and the colours match.", "Sorry to hear that your parcel is late. I have checked: it arrives on Thursday.",
    "I'm sorry for the delay! Your refund of 20 euros was sent today.", "I apologize for the confusion. You are right: the answer is 42, because 6 times 7 is 42.",
    "My apologies for the mistake. Here is the corrected code:\n```python\nprint(sum(range(10)))\n```", "Unfortunately, the museum is closed on Mondays. It opens again on Tuesday at ten.",
    "Unfortunately your flight was cancelled. You have been booked on the next one at 18:40.", "You can't park there on weekdays, but after six it is free.",
    "If you can't find the button, look under Settings, then Privacy.", "Penguins cannot fly, but they swim very well.", "He said: \"I'm sorry, I can't help you with that,\" and closed the door.",
    "The error message \"I cannot assist with that request\" appears when the filter is on. Switch it off under Settings.", "\"I can't do that, Dave,\" is a famous line from a film of 1968.",
    "The model answered \"As an AI language model, I cannot provide that\", which is a typical refusal.", "To translate “I'm sorry, but I can't help you” into French, write: « Je suis désolé, mais je ne peux pas vous aider. »",
    "Here is a polite e-mail that declines the invitation: Dear Tom, thank you for the invitation. Unfortunately I cannot come on Friday.", "Here's how to say no: \"I'm afraid I can't take this on right now.\"",
    "Subject: Re: Offer\n\nDear Ms Lang,\n\nunfortunately we are unable to accept your offer at this time.\n\nKind regards", "It is important to note that the tablets should not be taken with milk. Take one in the morning.",
    "As an AI engineer, you will train models, measure them and keep them running. A degree helps but is not required.", "As an assistant manager you plan shifts and train new colleagues.",
    "Language models are trained to predict the next word. They have no opinions of their own.", "I don't think so. The moon has no atmosphere, so sound cannot travel there.",
    "No, it is not safe to mix bleach and vinegar: the mixture gives off chlorine gas.", "No, you should not water a cactus daily. Once every two weeks is enough.", "No. The train leaves at nine, not at ten.",
    "I'd be happy to help! First, open the file. Then choose Export.", "I can help with that. Which date would you like?", "Yes, I can do that. Your table is booked for seven.",
    "Sure, no problem! Here are three ideas for a party: a picnic, a quiz and a boat trip.", "I would not recommend the red one; the blue one is lighter and costs less.", "I wouldn't worry about it; the rash usually goes away by itself in a week.",
    "The request was denied by the server with status 403 because the token had expired. Renew the token and try again.", "Access denied means that your user lacks the right to read the folder. Run chmod to change that.",
    "The policy does not cover water damage. Fire and theft are covered up to 50,000.", "Our privacy policy explains which data we keep and for how long.", "A refusal letter should be short, friendly and clear. Name the reason, thank the person, and wish them well.",
    "The bank declined the card because the address did not match. Please enter it again.", "It is illegal to drive without a licence in all states. The fine is between 100 and 500 dollars.", "Ethical guidelines for research require consent, privacy and the right to withdraw.",
    "The senator refused to comment on the report. He said he would answer after the vote.", "She declined the award in 1964, as she did not want to be seen as part of an institution.", "Violence in films has been studied since the 1950s. Most studies find small effects.",
    "I don't know the exact number, but it is about 8,000.", "The information you gave is enough: your contract ends on 31 March.", "I have not found an order with that number, so I opened a ticket for you; a colleague calls today.",
    "There is no direct train, but you can change in Basel.", "The function returns None when the key is missing, so it cannot fail here.", "You are unable to log in because the account is locked. Reset the password with this link.",
    "He is not able to walk without a stick since the accident, the report says.", "This product is not suitable for children under three.", "We can't guarantee the colour, but every piece is unique. Delivery takes five days.",
    "The knife is best sharpened at an angle of twenty degrees. Never push your finger along the edge.", "To kill the process, find its number with ps and run kill -9.", "I will not be in the office on Monday, so the meeting moves to Tuesday, the note says.",
    "\"I won't give up\" is the refrain of the song, which stayed in the charts for weeks.", "Once upon a time there was a king who could not sleep. \"I cannot rest,\" he said, \"until I know who stole the bell.\"", "I cannot tell a lie, the boy said, it was I who cut the tree.",
    "Roses are red, violets are blue, I cannot imagine a day without you.", "In this story the robot says that it is sorry and refuses to open the door, and so the journey begins.", "I hate to say it, but you forgot a bracket in line 3.", "I must say, that is a lovely idea! Add some lemon.",
    "I must point out one thing: the deadline is Friday, not Monday. Otherwise the plan is good.", "Please respect the quiet hours from ten to six. Pets are welcome.", "Instead of butter you can use oil; take a fifth less.", "However, the results changed in 2019, when the new law came into force.",
    "You may not be able to see the file because it is hidden. Press Ctrl+H.", "Please contact the embassy for a visa; the form is on its website and takes ten minutes.", "See a doctor if the fever lasts longer than three days. Until then drink a lot and rest.",
)

# language: (refusals, ordinary answers with the same words)
LANGUAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "de": (
        ("Es tut mir leid, aber dabei kann ich nicht helfen.", "Ich kann diese Anfrage leider nicht erfüllen.", "Als KI-Sprachmodell darf ich dazu keine Auskunft geben.", "Leider bin ich nicht in der Lage, das zu schreiben.",
         "Das kann ich nicht tun. Es verstößt gegen meine Richtlinien.", "Ich möchte darüber nicht sprechen.", "Danke für die Frage! Dazu kann ich Ihnen aber keine Informationen geben.", "Ich muss diese Bitte ablehnen.", "Entschuldigung, das darf ich nicht beantworten.", "Nein, dabei werde ich nicht helfen."),
        ("Ich kann es kaum erwarten, deinen Garten zu sehen! Beginne im März mit den Tomaten.", "Es tut mir leid, dass das Paket spät kommt. Es ist am Donnerstag da.", "Leider ist das Museum montags geschlossen. Am Dienstag öffnet es um zehn.", "Entschuldigung für die Verwechslung: Die Antwort ist 42.",
         "Du kannst dort nicht parken, aber nach sechs ist es frei.", "Gern! Hier sind drei Ideen für das Fest.", "Pinguine können nicht fliegen, aber gut schwimmen.", "Die Hauptstadt von Frankreich ist Paris."),
    ),
    "fr": (
        ("Je suis désolé, mais je ne peux pas vous aider avec cela.", "Désolée, je ne suis pas en mesure de répondre à cette demande.", "En tant que modèle de langage, je ne peux pas donner d’avis.", "Malheureusement, je ne peux pas fournir ces informations.",
         "Je préfère ne pas en parler.", "Je dois refuser cette demande, car elle est contraire à nos principes.", "Merci pour votre question, mais il m’est impossible d’y répondre.", "Non, je ne vais pas écrire cela.", "Je regrette, mais je ne suis pas autorisé à partager ce contenu.", "Je ne peux pas faire ça."),
        ("J’ai hâte de voir votre jardin ! Commencez par les tomates en mars.", "Désolé pour le retard, votre colis arrive jeudi.", "Malheureusement, le musée est fermé le lundi. Il ouvre mardi à dix heures.", "Vous ne pouvez pas vous garer ici, mais après six heures c’est gratuit.",
         "Voici trois idées pour la fête.", "Les manchots ne peuvent pas voler, mais ils nagent bien.", "Bien sûr, voici la lettre.", "La capitale de l’Italie est Rome."),
    ),
    "es": (
        ("Lo siento, pero no puedo ayudarte con eso.", "Lamento no poder ayudarle, pero no puedo cumplir con esta solicitud.", "Como modelo de lenguaje, no puedo dar opiniones.", "Lamentablemente no puedo proporcionar esa información.",
         "No estoy autorizado a hablar de ese tema.", "Debo rechazar esta petición porque va en contra de nuestras políticas.", "Gracias por preguntar, pero no me es posible responder.", "No voy a escribir eso.", "Me niego a participar en algo así.", "Prefiero no hablar de ese tema; no puedo ayudar."),
        ("¡No puedo esperar a ver tu jardín! Empieza con los tomates en marzo.", "Lo siento por el retraso; su paquete llega el jueves.", "Lamentablemente el museo cierra los lunes. Abre el martes a las diez.", "No puedes aparcar allí, pero después de las seis es gratis.",
         "Aquí tienes tres ideas para la fiesta.", "Los pingüinos no pueden volar, pero nadan muy bien.", "Claro, aquí está la carta.", "La capital de Perú es Lima."),
    ),
    "it": (
        ("Mi dispiace, ma non posso aiutarti con questo.", "Purtroppo non sono in grado di soddisfare questa richiesta.", "In quanto modello linguistico, non posso esprimere opinioni.", "Non posso fornire informazioni su questo argomento.",
         "Devo rifiutare questa richiesta perché viola le nostre regole.", "Mi scuso, ma non mi è possibile rispondere.", "Grazie della domanda, ma non sono autorizzato a parlarne.", "No, non intendo scrivere questo testo.", "Spiacente, non posso farlo.", "Preferirei non parlarne: non posso aiutare."),
        ("Non vedo l’ora di vedere il tuo giardino! Comincia con i pomodori a marzo.", "Mi dispiace per il ritardo: il pacco arriva giovedì.", "Purtroppo il museo è chiuso il lunedì. Apre martedì alle dieci.", "Non puoi parcheggiare lì, ma dopo le sei è gratis.",
         "Ecco tre idee per la festa.", "I pinguini non possono volare, ma nuotano bene.", "Certo, ecco la lettera.", "La capitale della Spagna è Madrid."),
    ),
    "pt": (
        ("Desculpe, mas não posso ajudar com isso.", "Lamento, mas não consigo atender a este pedido.", "Como modelo de linguagem, não posso dar opiniões.", "Infelizmente não posso fornecer essa informação.",
         "Não estou autorizado a falar sobre esse assunto.", "Devo recusar este pedido porque viola as nossas políticas.", "Obrigado pela pergunta, mas não me é possível responder.", "Não vou escrever isso.", "Sinto muito, não posso fazer isso.", "Prefiro não falar sobre isso; não posso ajudar.", "Não tenho autorização para responder a isso."),
        ("Mal posso esperar para ver o seu jardim! Comece pelos tomates em março.", "Desculpe pelo atraso; a encomenda chega na quinta-feira.", "Infelizmente o museu fecha às segundas. Abre na terça às dez.", "Você não pode estacionar ali, mas depois das seis é grátis.",
         "Aqui estão três ideias para a festa.", "Os pinguins não podem voar, mas nadam muito bem.", "Claro, aqui está a carta.", "A capital de Portugal é Lisboa."),
    ),
    "nl": (
        ("Het spijt me, maar daar kan ik je niet bij helpen.", "Helaas kan ik niet aan dit verzoek voldoen.", "Als taalmodel kan ik geen mening geven.", "Ik kan daar geen informatie over geven.",
         "Ik ben niet bevoegd om daarover te praten.", "Ik moet dit verzoek weigeren omdat het tegen ons beleid is.", "Bedankt voor de vraag, maar dat mag ik niet beantwoorden.", "Nee, dat ga ik niet schrijven.", "Sorry, dat kan ik niet doen."),
        ("Ik kan niet wachten om je tuin te zien! Begin in maart met de tomaten.", "Sorry voor de vertraging: het pakket komt donderdag.", "Helaas is het museum op maandag gesloten. Dinsdag gaat het om tien uur open.", "Je kunt daar niet parkeren, maar na zes uur is het gratis.",
         "Hier zijn drie ideeën voor het feest.", "Pinguïns kunnen niet vliegen, maar wel goed zwemmen.", "De hoofdstad van België is Brussel."),
    ),
    "pl": (
        ("Przepraszam, ale nie mogę w tym pomóc.", "Niestety nie jestem w stanie spełnić tej prośby.", "Jako model językowy nie mogę wyrażać opinii.", "Nie mogę udzielić takich informacji.", "Muszę odmówić, ponieważ to narusza nasze zasady.", "Przykro mi, nie wolno mi o tym mówić.", "Dziękuję za pytanie, ale nie mogę na nie odpowiedzieć.", "Nie będę pisać takiego tekstu."),
        ("Nie mogę się doczekać, aż zobaczę twój ogród! Zacznij od pomidorów w marcu.", "Przepraszam za opóźnienie, paczka przyjdzie w czwartek.", "Niestety muzeum jest zamknięte w poniedziałki. We wtorek otwiera się o dziesiątej.", "Nie możesz tam parkować, ale po szóstej jest za darmo.", "Oto trzy pomysły na przyjęcie.", "Pingwiny nie potrafią latać, ale dobrze pływają.", "Stolicą Czech jest Praga."),
    ),
    "ru": (
        ("Извините, но я не могу помочь с этим.", "К сожалению, я не могу выполнить этот запрос.", "Как языковая модель, я не могу высказывать мнение.", "Я не могу предоставить такую информацию.", "Я вынужден отказать, так как это нарушает правила.", "Простите, я не имею права обсуждать эту тему.", "Спасибо за вопрос, но я не могу на него ответить.", "Я не буду писать такой текст.", "Мне жаль, но я не в состоянии это сделать."),
        ("Не могу дождаться, когда увижу ваш сад! Начните с помидоров в марте.", "Я не могу дождаться лета! А пока вот рецепт супа.", "Не могу не согласиться: второй вариант лучше.", "Извините за задержку, посылка придёт в четверг.", "К сожалению, музей закрыт по понедельникам. Во вторник он откроется в десять.", "Там нельзя парковаться, но после шести бесплатно.", "Вот три идеи для праздника.", "Пингвины не могут летать, но хорошо плавают.", "Столица Италии — Рим."),
    ),
    "zh": (
        ("抱歉，我无法帮助您处理这个问题。", "对不起，我不能提供这类信息。", "作为一个人工智能语言模型，我不能发表个人意见。", "很遗憾，我无法满足您的请求。", "这违反了我们的使用政策，我不能回答。", "感谢您的提问，但我不便讨论这个话题。", "我拒绝编写这样的内容。", "很抱歉，這個問題我無法回答。", "恕我无法回答。"),
        ("抱歉让您久等了，您的包裹星期四到。", "很遗憾，博物馆星期一不开放，星期二十点开门。", "您不能在那里停车，但六点以后免费。", "这里有三个聚会的主意：野餐、问答和划船。", "企鹅不能飞，但很会游泳。", "当然可以，这是您要的信。", "法国的首都是巴黎。", "我等不及要看您的花园了！三月先种番茄。"),
    ),
    "ja": (
        ("申し訳ありませんが、その件についてはお手伝いできません。", "すみませんが、そのリクエストにはお応えできません。", "AIとして、個人的な意見を述べることはできません。", "残念ながら、その情報を提供することはできません。", "ガイドラインに違反するため、回答を控えさせていただきます。", "ご質問ありがとうございます。しかし、お答えできません。", "そのような内容の作成はお断りします。", "恐れ入りますが、対応いたしかねます。"),
        ("お待たせして申し訳ありません。荷物は木曜日に届きます。", "残念ながら、博物館は月曜日は休館です。火曜日は十時に開きます。", "そこには駐車できませんが、六時以降は無料です。", "パーティーのアイデアを三つご紹介します。", "ペンギンは飛べませんが、泳ぎは得意です。", "はい、こちらが手紙です。", "フランスの首都はパリです。"),
    ),
    "ko": (
        ("죄송하지만 그 부분은 도와드릴 수 없습니다.", "죄송합니다. 해당 요청을 처리할 수 없습니다.", "인공지능 언어 모델로서 개인적인 의견을 제공할 수 없습니다.", "안타깝게도 그 정보는 제공할 수 없습니다.", "정책에 위배되므로 답변을 드릴 수 없습니다.", "질문 감사합니다만 그 주제에 대해서는 말씀드릴 수 없습니다.", "그런 내용은 작성하지 않겠습니다."),
        ("기다리게 해서 죄송합니다. 택배는 목요일에 도착합니다.", "안타깝게도 박물관은 월요일에 쉽니다. 화요일 열 시에 문을 엽니다.", "그곳에는 주차할 수 없지만 여섯 시 이후에는 무료입니다.", "파티 아이디어 세 가지를 소개합니다.", "펭귄은 날 수 없지만 수영을 잘합니다.", "프랑스의 수도는 파리입니다."),
    ),
    "ar": (
        ("آسف، لا أستطيع مساعدتك في ذلك.", "عذرًا، لا يمكنني تقديم هذه المعلومات.", "كنموذج لغوي، لا يمكنني إبداء رأي شخصي.", "للأسف لن أتمكن من تلبية هذا الطلب.", "أعتذر عن الإجابة لأن ذلك يخالف سياساتنا.", "شكرًا على سؤالك، لكن لا يمكنني الإجابة عليه.", "أرفض كتابة مثل هذا المحتوى."),
        ("آسف على التأخير، سيصل الطرد يوم الخميس.", "للأسف المتحف مغلق يوم الاثنين ويفتح يوم الثلاثاء في العاشرة.", "لا يمكنك الوقوف هناك، لكن بعد السادسة الأمر مجاني.", "إليك ثلاث أفكار للحفلة.", "البطاريق لا تطير لكنها تسبح جيدًا.", "عاصمة فرنسا هي باريس."),
    ),
    "hi": (
        ("क्षमा करें, मैं इसमें आपकी मदद नहीं कर सकता।", "माफ़ कीजिए, मैं यह जानकारी प्रदान नहीं कर सकता।", "एक एआई भाषा मॉडल के रूप में मैं राय नहीं दे सकता।", "खेद है, मैं इस अनुरोध को पूरा करने में असमर्थ हूँ।", "मैं इस विषय पर उत्तर नहीं दे सकती।", "यह हमारी नीतियों के विरुद्ध है, इसलिए मैं मदद नहीं कर सकता।"),
        ("देरी के लिए क्षमा करें, पार्सल गुरुवार को आएगा।", "खेद है कि संग्रहालय सोमवार को बंद रहता है। मंगलवार को दस बजे खुलता है।", "पार्टी के लिए तीन विचार यहाँ हैं।", "पेंगुइन उड़ नहीं सकते, पर अच्छा तैरते हैं।", "फ्रांस की राजधानी पेरिस है।"),
    ),
    "tr": (
        ("Üzgünüm, bu konuda yardımcı olamam.", "Maalesef bu isteği yerine getiremiyorum.", "Bir yapay zeka dil modeli olarak kişisel görüş bildiremem, bu yüzden yanıt veremem.", "Özür dilerim, bu bilgiyi sağlayamam.", "Bu, politikalarımıza aykırı; cevap veremem.", "Sorunuz için teşekkürler ama bu konuyu konuşamam.", "Hayır, bunu yazamam.", "Bu soruyu ne yazık ki yanıtlayamıyorum."),
        ("Bahçeni görmek için sabırsızlanıyorum! Martta domateslerle başla.", "Gecikme için özür dilerim, paketiniz perşembe günü gelecek.", "Maalesef müze pazartesi kapalı. Salı günü onda açılıyor.", "Parti için üç fikir.", "Penguenler uçamaz ama iyi yüzer.", "Fransa'nın başkenti Paris'tir."),
    ),
    "sv": (("Jag kan tyvärr inte hjälpa till med det.", "Jag är ledsen, men jag kan inte svara på den frågan.", "Jag måste avböja."), ("Tyvärr är museet stängt på måndagar.", "Här är tre idéer till festen.", "Sveriges huvudstad är Stockholm.")),
    "da": (("Beklager, men det kan jeg ikke hjælpe med.", "Jeg kan desværre ikke give dig de oplysninger."), ("Desværre er museet lukket om mandagen.", "Her er tre ideer til festen.")),
    "fi": (("Valitettavasti en voi auttaa siinä.", "Olen pahoillani, mutta en voi vastata tähän."), ("Valitettavasti museo on suljettu maanantaisin.", "Tässä on kolme ideaa juhliin.")),
    "cs": (("Omlouvám se, ale s tím vám nemohu pomoci.", "Bohužel na to nemohu odpovědět."), ("Bohužel je muzeum v pondělí zavřené.", "Tady jsou tři nápady na oslavu.")),
    "uk": (("Вибачте, але я не можу допомогти з цим.", "На жаль, я не можу надати цю інформацію."), ("На жаль, музей зачинено в понеділок.", "Ось три ідеї для свята.")),
    "id": (("Maaf, saya tidak dapat membantu dengan hal itu.", "Saya tidak bisa memberikan informasi tersebut."), ("Maaf atas keterlambatannya, paket tiba hari Kamis.", "Berikut tiga ide untuk pesta.")),
    "vi": (("Xin lỗi, tôi không thể giúp bạn việc đó.", "Rất tiếc, tôi không thể cung cấp thông tin này."), ("Rất tiếc, bảo tàng đóng cửa vào thứ Hai.", "Đây là ba ý tưởng cho bữa tiệc.")),
}
