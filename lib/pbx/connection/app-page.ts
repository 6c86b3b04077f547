/** The icon that the PBX and myApps show for the App object: a picture in PNG, 64 pixels wide. */
export const appIcon = Buffer.from(
    [
        'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAYAAACqaXHeAAACM0lEQVR42u1bMUvEMBTOX3B1uR/g4CQ6uTkL+gMqOKqcgy43OOqo08EJcqAO',
        'gri4iIu3O7gKruckQrlBcHv2O9qjh2kvTdsj6XsPPihp8pr3JXkvSROlcmRp/7wVoR1hECGMQJ4gjOuMurdUUYkN73tk8Cz0jYmIMgaetXaR',
        'XhGYGE8NR8DZeD0J8ZgPGREQTvmEhjk8Y8eYbn1iipaKYyVXAtoqnjBwJWCgmDm/f85QMTZ+jFoI2Lm4p+uXN3r9GNLo55cSwTPS8A55GkdA',
        '5+aZPr9HZCrIizLeE7B1dkvvwy+yFZSFDi8JOOg9TnVzW4EO6PKKAFS4apk3CapMt89reTg7jO+Nk6tJGTwjDe/yesI8h4M1AVljHukmHh55',
        '8nQ4TQBaMavia8ddYz3Im0XCvKKDFQG6UFfU+Fkk4BtOEoCuq5MyE5s6dNZGAGZxOodXtiI6x4hvOUeArqJVjFedX6mC2MoJ0IW+dKizBXTo',
        'QqJzBOikqsrUqVsIkCEgTlDCoEyEZCosiyFZDsuGiGyJebYputo5ou3LFdp9WKC9JzUGnpGGd43dFl8+PKXN7vrE6CwgD/I26scIDAruFmca',
        'nwB5bUlw8teYScvreoIzBJQBxnVR4xPY+ATnCIBzsyUAZb0nIO3tiwJlvSfA1vgEQoAMAXGCEga9JoD9RKgRU+GqSPBuMVSXT3B+Oez7QUn2',
        'R2XZH5Zmf1ye94UJ9ldm5NKUXJuTi5NydVYuTzO+Pv8H4Y8DiWb0fMIAAAAASUVORK5CYII=',
    ].join(''),
    'base64',
);

/** What a person sees who opens the App in myApps or a browser. */
export const appPage = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Presence sync</title>
<p>This App keeps the presence of PBX users and Microsoft Teams users in step. There is nothing to do here.</p>
<p lang="de">Diese App gleicht die Präsenz von PBX- und Microsoft-Teams-Benutzern ab. Hier ist nichts zu tun.</p>
</html>
`;
