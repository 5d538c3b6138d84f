; An installer for Windows, of the folder that `python tools/bundle/build.py` makes there (Inno Setup 6). Not run on this system by us.
; Run:  iscc /DVersion=0.1.0 tools\bundle\windows.iss
#ifndef Version
  #define Version "0.0.0"
#endif

[Setup]
AppId=posture-monitor
AppName=Posture Monitor
AppVersion={#Version}
AppPublisher=The Posture Monitor developers
DefaultDirName={autopf}\Posture Monitor
DefaultGroupName=Posture Monitor
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile=..\..\LICENSE
OutputDir=..\..\build\bundle\dist
OutputBaseFilename=posture-monitor-{#Version}
UninstallDisplayIcon={app}\posture-window.exe
Compression=lzma2
SolidCompression=yes
CloseApplications=yes

[Files]
Source: "..\..\build\bundle\dist\posture-monitor\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\Posture Monitor"; Filename: "{app}\posture-window.exe"

[Run]
Filename: "{app}\posture-window.exe"; Description: "Open Posture Monitor"; Flags: postinstall nowait skipifsilent

[UninstallRun]
Filename: "{app}\posture.exe"; Parameters: "stop"; Flags: runhidden; RunOnceId: "stop"
Filename: "{app}\posture.exe"; Parameters: "autostart off"; Flags: runhidden; RunOnceId: "autostart"
